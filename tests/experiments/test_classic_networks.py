"""The experiments with classic networks: they run, train, and show what they promise."""

import io
from dataclasses import replace

import numpy as np
import pytest

import xdl
from xdl import models, nn
from xdl.data import TensorDataset, load_images
from xdl.experiments.image_networks.classic import large_step
from xdl.experiments.image_networks.look_inside import centres, grad_cam
from xdl.experiments.image_networks.plain_vs_resnet import gradient_norms
from xdl.runs.run import Run
from xdl.runs.start import RunRequest, start
from xdl.train import RunFolder


@pytest.fixture(autouse=True)
def _one_thread():
    """These networks are too small to gain from threads, and tests share the machine."""
    xdl.set_num_threads(1)


@pytest.fixture
def few_images(monkeypatch):
    """The digits with 64 images to train and as many to test, for networks that take long."""

    def load(*args, **kwargs):
        data = load_images(*args, **kwargs)
        few = {part: first_64(getattr(data, part)) for part in ("train", "validation", "test")}
        return replace(data, **few)

    monkeypatch.setattr("xdl.experiments.shared.images.load_images", load)


def first_64(part):
    return TensorDataset(*[array[:64] for array in part.arrays])


def run(name, out, **given):
    text = {key: str(value) for key, value in given.items()}
    summary = start(name, RunRequest(text), out=out, stream=io.StringIO()).perform()
    (folder,) = out.glob("*/*")
    return summary, {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "nin", "resnet", "vgg"])
def test_the_small_network_trains(tmp_path, few_images, without_figures, name):
    extra = {"depth": 8} if name == "resnet" else {}
    summary, files = run(name, tmp_path, epochs=2, batch_size=16, large="false", **extra)
    assert {"figures/curves.safetensors", "figures/predictions.safetensors", "model.safetensors"} <= files
    assert summary["train_loss"] < 2.4
    assert "large" not in summary


def test_the_large_network_takes_a_step(tmp_path, monkeypatch):
    monkeypatch.setattr("xdl.experiments.image_networks.classic.PIXELS", 64)
    found = large_step(
        Run(RunFolder(tmp_path, "x"), io.StringIO(), {}),
        lambda num_classes: models.SmallAlexNet(num_classes, in_channels=3),
    )
    assert found["parameters"] > 500_000
    assert found["operations"] > 10_000_000


def test_a_bottleneck_saves_what_the_book_says(tmp_path):
    summary, files = run("inception-cost", tmp_path, batch=1, repeats=1)
    assert "figures/cost.png" in files
    direct, through, _ = (row["multiplications an image"] for row in summary["bottleneck"])
    assert (direct, through) == (28 * 28 * 32 * 192 * 25, 28 * 28 * 16 * (192 + 32 * 25))
    assert [row["multiplications an image"] for row in summary["sharing"]] == [784 * 784, 784 * 25]
    assert sum(summary["time_by_operation"].values()) == pytest.approx(1)
    assert {"conv2d", "max_pool2d", "batch_norm"} <= set(summary["time_by_operation"])
    linear, convolution = (row["parameters"] for row in summary["sharing"])
    assert (linear, convolution) == (784 * 784 + 784, 26)


def test_plain_and_residual_networks_side_by_side(tmp_path, few_images, without_figures):
    summary, files = run("plain-vs-resnet", tmp_path, epochs=1, depths="8,14", size=8, batch_size=32, seeds=1)
    assert {"figures/gradients.safetensors", "residual-14/figures/curves.safetensors"} <= files
    gradients, claims = summary["what_to_see"][:2], summary["what_to_see"][2:]
    assert all("from the last convolution to the first the gradient" in said for said in gradients)
    assert len(claims) == 3
    assert [row["training"] for row in summary["trainings"]] == ["plain 8", "residual 8", "plain 14", "residual 14"]
    for norms in summary["gradient_norms"].values():
        assert [len(values) for values in norms.values()] == [7, 7, 13, 13]


@pytest.mark.slow
def test_a_deep_plain_network_fails_where_the_residual_one_trains(tmp_path):
    summary, _ = run("plain-vs-resnet", tmp_path, depths="8,44", epochs=4, seeds=1)
    accuracy = {row["training"]: row["test accuracy"] for row in summary["trainings"]}
    assert accuracy["residual 44"] > 0.95
    assert accuracy["plain 44"] < accuracy["residual 44"] - 0.2


def test_without_batch_norm_the_gradient_of_a_plain_network_fades(tmp_path):
    data = xdl.data.load_digits(8)
    plain, residual = (models.CifarResNet(44, in_channels=1, shortcuts=shortcuts) for shortcuts in (False, True))
    norms = {name: gradient_norms(m, data, False) for name, m in (("plain", plain), ("residual", residual))}
    assert not any(isinstance(module, nn.BatchNorm2d) for module in plain.modules())
    assert norms["residual"][1] > norms["plain"][1]


def test_heat_maps_show_where_the_class_comes_from():
    layer = nn.Conv2d(1, 2, 1, bias=False)
    nn.init.ones_(layer.weight)
    features = nn.Sequential(layer, nn.ReLU())
    mean = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = nn.Sequential(features, mean)
    image = np.zeros((1, 1, 8, 8), np.float32)
    image[0, 0, 2, 5] = 3.0
    heat = grad_cam(model, features[1], xdl.tensor(image), xdl.tensor([1])).numpy()
    assert heat.shape == (1, 8, 8)
    assert np.unravel_index(heat[0].argmax(), (8, 8)) == (2, 5)
    assert heat.max() == 1.0
    assert heat.sum() == pytest.approx(1.0)


def test_heat_lies_where_the_cells_look_of_an_unpadded_convolution():
    features = nn.Sequential(nn.Conv2d(1, 1, 5, bias=False), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3), nn.ReLU())
    nn.init.ones_(features[0].weight)
    with xdl.no_grad():
        features[3].weight.fill_(0.0)
        features[3].weight[0, 0, 1, 1] = 1.0
        features[3].bias.fill_(0.0)
    model = nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert centres(model, features[4]) == ((4.5, 2.0), (4.5, 2.0))
    image = xdl.zeros(1, 1, 28, 28)
    image[0, 0, 4:7, 20:23] = 1.0
    heat = grad_cam(model, features[4], image, xdl.tensor([0])).numpy()[0]
    rows, columns = np.nonzero(heat)
    assert (np.average(rows, weights=heat[rows, columns]), np.average(columns, weights=heat[rows, columns])) == (
        pytest.approx(5, abs=1),
        pytest.approx(21, abs=1),
    )


def test_feature_maps_of_a_trained_network(tmp_path, few_images):
    summary, files = run("feature-maps", tmp_path, epochs=1, batch_size=16)
    assert {"figures/feature_maps.png", "figures/grad_cam.png"} <= files
    assert 0 < summary["heat_on_ink"] <= 1
    assert 0 < summary["heat_on_ink_untrained"] <= 1
    assert 0 < summary["ink"] < 1


def test_what_gradients_do_is_said_in_words():
    from xdl.experiments.image_networks.plain_vs_resnet import explanation

    curves = {"plain 8": [2.0, 1.0, 1.0], "residual 8": [1.0] * 3, "plain 44": [5e-4, 1.0], "residual 44": [300.0, 1.0]}
    said = explanation("with batch norm", curves, (8, 44))
    assert "the gradient vanishes (0.0005 times) without shortcuts, explodes (300 times) with them" in said
    assert "0.00025 times that of 8 layers without shortcuts, 300 times with them" in said
