"""Convolutional, denoising and sparse autoencoders: each does what it is there for, better than what stands beside."""

import io

import numpy as np
import pytest

import xdl
from xdl.errors import SettingError
from xdl.experiments.autoencoders.conv_autoencoder import moved
from xdl.experiments.autoencoders.noise import KINDS, best_blur, blurred
from xdl.experiments.autoencoders.sparse_autoencoder import counts_of
from xdl.runs.evaluate import evaluate
from xdl.runs.start import RunRequest, start

TINY = {
    "conv-autoencoder": {"epochs": 12, "seeds": 1, "lr": 0.006},
    "denoising-autoencoder": {"epochs": 15, "seeds": 1, "lr": 0.004},
    "sparse-autoencoder": {"epochs": 12, "seeds": 1, "units": 60},
}


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    stream = io.StringIO()
    text = {key: str(value) for key, value in (TINY[name] | given).items()}
    summary = start(name, RunRequest(text, seed=0), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, folder, {path.stem for path in (folder / "figures").iterdir()}


def test_convolutions_beside_pca(tmp_path, without_figures):
    summary, folder, figures = run("conv-autoencoder", tmp_path)
    pca, conv, dense = summary["codes"]
    assert conv["test error a pixel"] < pca["test error a pixel"]
    assert conv["parameters"] < dense["parameters"] / 2
    assert all(row["moved by a pixel"] > 1.5 * row["test error a pixel"] for row in summary["codes"])
    assert figures == {"errors", "moved"}
    assert evaluate(folder)["test_error"] == pytest.approx(summary["test_error"], rel=1e-5)


def test_noise_is_taken_away_better_than_by_a_blur(tmp_path, without_figures):
    summary, folder, figures = run("denoising-autoencoder", tmp_path)
    for row in summary["noises"]:
        assert row[f"trained on {row['noise']}"] < row["blur"] < row["noisy image"]
    gaussian = summary["noises"][0]
    assert gaussian["trained on masking"] > 1.3 * gaussian["trained on gaussian"]
    assert figures == {"errors", "gaussian", "masking", "salt_and_pepper"}
    assert evaluate(folder)["test_error"] == pytest.approx(summary["test_error"], rel=0.05)


def test_few_units_are_on(tmp_path, without_figures):
    summary, _, figures = run("sparse-autoencoder", tmp_path)
    penalty, largest, normalized, neither = summary["codes"]
    assert penalty["mean activation"] < 0.15 < neither["mean activation"]
    assert penalty["on in an image"] < neither["on in an image"] / 1.5
    assert max(row["on in an image"] for row in (largest, normalized)) <= 8 + 1e-6
    assert normalized["dead units"] < largest["dead units"]
    assert figures == {"activations", "features"}


def test_a_training_that_learns_nothing_is_said_to(tmp_path, without_figures):
    summary, _, _ = run("sparse-autoencoder", tmp_path, lr=1e-12, epochs=1, samples=200)
    said = [one for one in summary["what_to_see"] if "has learned nothing: its error" in one]
    assert len(said) == 4
    assert said[1].startswith("the autoencoder largest-k has learned nothing")


def test_kinds_of_noise_are_as_strong_as_they_say():
    x = xdl.full((50, 1, 20, 20), 0.5)
    noisy = {name: kind(0.3)(x).numpy() for name, kind in KINDS.items()}
    assert noisy["gaussian"].std() == pytest.approx(0.3, rel=0.05)
    assert (noisy["masking"] == 0).mean() == pytest.approx(0.3, abs=0.02)
    assert (noisy["salt and pepper"] == 0).mean() == pytest.approx(0.15, abs=0.02)
    assert (noisy["salt and pepper"] == 1.0).mean() == pytest.approx(0.15, abs=0.02)
    for kind in KINDS.values():
        np.testing.assert_array_equal(kind(0.0)(x).numpy(), x.numpy())


def test_a_blur_keeps_what_is_even_and_the_best_one_is_found():
    even = xdl.full((2, 1, 9, 9), 0.7)
    np.testing.assert_allclose(blurred(even, 1.4).numpy(), 0.7, rtol=1e-6)
    point = xdl.zeros(1, 1, 9, 9)
    point[0, 0, 4, 4] = 1.0
    spread = blurred(point, 1.0).numpy()[0, 0]
    assert spread[4, 5] / spread[4, 4] == pytest.approx(np.exp(-0.5), rel=1e-6)
    x = xdl.rand(3, 1, 9, 9)
    assert best_blur(x, x) == 0
    assert best_blur(x, blurred(x, 1.0)) == 1.0


def test_images_are_moved_by_one_pixel():
    x = xdl.arange(4, dtype="float32").reshape(1, 1, 2, 2)
    assert [m[0, 0].tolist() for m in moved(x)] == [
        [[1, 0], [3, 0]], [[0, 0], [0, 2]], [[2, 3], [0, 0]], [[0, 0], [0, 1]],
    ]  # fmt: skip


def test_units_are_counted_by_hand():
    codes = xdl.tensor([[0.5, 0.0, 0.0], [0.7, 0.0, 0.3]])
    mean, on, dead = counts_of(codes)
    assert (mean, on, dead) == (pytest.approx(0.25), 1.5, 1)


@pytest.mark.parametrize(
    ("name", "setting", "value", "said"),
    [
        ("sparse-autoencoder", "k", "61", "^k: expected at most the 60 units, found 61"),
        ("conv-autoencoder", "code", "64", "^code: expected fewer numbers than the 64 of an image, found 64"),
    ],
)
def test_settings_that_make_no_sense_are_named(tmp_path, name, setting, value, said):
    with pytest.raises(SettingError, match=said):
        run(name, tmp_path, **{setting: value})
