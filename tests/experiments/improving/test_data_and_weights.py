"""Improving networks: augmentation by what it wins and where it harms, initial weights by what arrives."""

import io

import pytest

import xdl
from xdl import nn
from xdl.data import augment
from xdl.experiments.improving import augmentation, initialization, principal
from xdl.runs.start import RunRequest, start


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    text = {key: str(value) for key, value in given.items()}
    stream = io.StringIO()
    summary = start(name, RunRequest(text, seed=0), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").glob("*.safetensors")}, stream.getvalue()


def test_augmentation_wins_where_images_move_and_half_a_turn_does_harm(tmp_path, without_figures):
    summary, figures, said = run("augmentation", tmp_path, samples=300, steps=150, seeds=1)
    rows = {row["augmentation"]: row for row in summary["trainings"]}
    assert rows["shift, rotate, scale"]["less none's, moved"] > 0.02
    assert rows["half a turn"]["less none's"] < -0.02
    mistaken = {(row["change"], row["class"]): row for row in summary["mistaken"]}
    assert mistaken["half a turn", "6"]["most often taken for"] == "9"
    assert mistaken["half a turn", "0"]["still right"] > 0.9
    assert figures == {"gallery", "gain", "harm"}
    assert "stay right: 0% of 6, half a turn (" in said


def test_the_gallery_has_every_augmentation():
    shown = {type(transform) for _, transform in augmentation.GALLERY}
    made_of_others = {augment.Compose, augment.Normalize, augment.RandomApply, augment.Transform}
    assert shown == {getattr(augment, name) for name in augment.__all__} - made_of_others
    for name, transform in augmentation.GALLERY:
        assert name.startswith(type(transform).__name__ + "(")


def test_half_a_turn_is_a_flip_in_both_directions():
    images = xdl.arange(12, dtype="float32").reshape(1, 1, 3, 4).numpy()
    turned = augmentation.half_turn()(images, xdl.random.Stream(0, "turn"))
    assert (turned == images[:, :, ::-1, ::-1]).all()


def test_signals_through_layers_by_initial_weights(tmp_path, without_figures):
    summary, figures, said = run("initialization", tmp_path, layers=30, trained_layers=10, steps=60, seeds=1)
    for row in summary["kinds"]:
        assert row["std"] == pytest.approx(row["by its formula"], rel=0.03)
    rows = {(row["activation"], row["weights"]): row for row in summary["signals"]}
    assert 0.1 < float(rows["relu", "He"]["layer 30"]) < 10
    assert float(rows["relu", "Xavier"]["layer 30"]) < 1e-3
    assert float(rows["relu", "normal, std 0.3"]["layer 30"]) > 1e6
    assert float(rows["sigmoid", "orthogonal"]["layer 1"]) < 1e-10
    learned = {row["weights"]: row for row in summary["trainings"]}
    assert learned["He"]["relu"] > 0.5 > 0.2 > learned["zeros"]["relu"]
    assert figures == {"activations", "gradients", "learning"}
    assert "He's weights keep the std within a factor of 10" in said


def test_gradients_by_layer_are_those_of_the_activations():
    model = initialization.build(4, 5, 2, 3, "tanh", "orthogonal").to("float64")
    assert [type(m) for m in model] == [nn.Flatten, nn.Linear, nn.Tanh, nn.Linear, nn.Tanh, nn.Linear]
    x = xdl.randn(6, 4, dtype="float64")
    xdl.manual_seed(3)
    activations, gradients = initialization.signals(model, x)
    xdl.manual_seed(3)
    u = xdl.randn(6, 3, dtype="float64")
    assert activations[0] == pytest.approx(float(model[2](model[1](x)).std()))
    assert gradients[1] == pytest.approx(float((u @ model[5].weight).std()))


def test_whitened_points_have_covariance_one_and_components_the_least_error(tmp_path, without_figures):
    summary, figures, said = run("pca-whitening", tmp_path)
    points = {row["points"]: row for row in summary["points"]}
    assert points["standardized by feature"]["away from I"] > 0.5
    assert max(points[f"{kind} whitened"]["away from I"] for kind in ("PCA", "ZCA")) < 1e-12
    for row in summary["errors"]:
        assert row["error a pixel"] <= row["of pixels kept"] + 1e-12
        assert row["error a pixel"] == pytest.approx(row["error in training"], rel=0.2, abs=1e-12)
    assert summary["errors"][-1]["error a pixel"] < 1e-12
    assert figures == {"ellipse", "errors", "reprojected", "plane", "directions"}
    assert "ZCA moves the points less than PCA whitening does (in 5 of 5 seeds)" in said


def test_components_are_those_of_the_covariance():
    x = xdl.randn(40, 5, dtype="float64") @ xdl.randn(5, 5, dtype="float64")
    found = principal.principal(x)
    values = xdl.linalg.eigvalsh(principal.covariance(x)).flip(0)
    assert float((found.variances - values).abs().max()) < 1e-10
    c = found.directions @ principal.covariance(x) @ found.directions.T
    assert float((c - found.variances.reshape(-1, 1) * xdl.eye(5, dtype="float64")).abs().max()) < 1e-10
    again = principal.restored(principal.reduced(x, found, 3), found)
    assert float((again - x).square().sum() / 39) == pytest.approx(float(found.variances[3:].sum()))
    for zca in (False, True):
        white = principal.covariance(principal.whitened(x, zca))
        assert float((white - xdl.eye(5, dtype="float64")).abs().max()) < 1e-10
    assert float(found.directions.gather(1, found.directions.abs().argmax(1, keepdim=True)).min()) > 0
