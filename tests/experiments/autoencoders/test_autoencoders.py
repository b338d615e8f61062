"""Autoencoders: less error than PCA with as many numbers, PCA's plane by a linear one, and answers to `xdl predict`."""

import io

import numpy as np
import pytest

import xdl
from xdl.data import load_digits
from xdl.errors import DataError, SettingError
from xdl.experiments.autoencoders.pictures import centres, glyphs, neighbour_accuracy
from xdl.experiments.autoencoders.pixels import Plane, pixels_of
from xdl.experiments.shared.generated.mosaics import mosaic
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.start import RunRequest, start
from xdl.train import load_state

TINY = {
    "autoencoder": {"epochs": 25, "seeds": 1, "lr": 0.004},
    "pca-vs-autoencoder": {"codes": "2,8", "epochs": 15, "seeds": 1, "lr": 0.004},
}


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    stream = io.StringIO()
    text = {key: str(value) for key, value in (TINY[name] | given).items()}
    summary = start(name, RunRequest(text, seed=0), out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, folder, stream.getvalue()


def test_an_autoencoder_keeps_more_than_pca_and_answers(tmp_path, without_figures):
    summary, folder, said = run("autoencoder", tmp_path)
    assert summary["test_error"] < 0.9 * summary["pca_error"] < 0.5 * summary["codes"][0]["test error a pixel"]
    assert summary["plane"]["test_error"] < summary["plane"]["pca_error"]
    assert "the autoencoder's squared error on new images is smaller than PCA's" in said
    names = {path.stem for path in (folder / "figures").iterdir()}
    assert names == {"errors", "reconstructions", "plane", "glyphs"}
    assert evaluate(folder)["test_error"] == pytest.approx(summary["test_error"], rel=1e-5)
    frames = load_state(folder / "frames.safetensors", kind="frames")
    assert frames["steps"][0] == 0 < len(frames["steps"]) - 1
    assert {samples.shape for samples in frames["samples"]} == {(10, 1, 8, 8)}

    data = load_digits()
    pixels = data.test.arrays[0][:3, 0] * data.std + data.mean
    np.save(tmp_path / "digits.npy", pixels)
    found = predict(folder, [str(tmp_path / "digits.npy")], {"background": "dark"})["pictures"]
    assert len(found) == 3
    assert all(picture["error"] < 0.04 for picture in found)
    assert np.shape(found[0]["pixels"]) == (8, 8)
    ways = predict(folder, [str(tmp_path / "digits.npy")], {"between": "4"})["pictures"]
    assert [way["error"] is None for way in ways] == [False] * 3 + [True] * 8
    np.save(tmp_path / "one.npy", pixels[0])
    with pytest.raises(SettingError, match="two pictures or more, found 1"):
        predict(folder, [str(tmp_path / "one.npy")], {"between": "4"})
    with pytest.raises(DataError, match="no such file"):
        predict(folder, [str(tmp_path / "none.png")])
    with pytest.raises(SettingError, match="the name of a PNG file"):
        predict(folder, [str(tmp_path / "one.npy")], {"out": "a.txt"})


def test_a_linear_one_finds_the_plane_of_the_components(tmp_path, without_figures):
    summary, _, said = run("pca-vs-autoencoder", tmp_path)
    assert [row["numbers"] for row in summary["codes"]] == [2, 8]
    for row in summary["codes"]:
        assert row["linear autoencoder"] == pytest.approx(row["PCA"], rel=0.01)
        assert row["overlap with PCA's plane"] > 0.97
    assert summary["codes"][0]["with hidden layers"] < 0.9 * summary["codes"][0]["PCA"]
    assert "a linear autoencoder ends within 1 % of PCA's error" in said


def test_pixels_lie_between_black_and_white(tmp_path):
    made = start("autoencoder", RunRequest({}, seed=0), out=tmp_path, stream=io.StringIO())
    grey, binary = pixels_of(made.run), pixels_of(made.run, 100, binary=True)
    for part in (grey.train, grey.validation, grey.test):
        assert (part.arrays[0].min(), part.arrays[0].max()) == (0, 1)
    assert set(np.unique(binary.train.arrays[0])) == {0, 1}
    assert len(binary.train) == 100
    values = np.round(grey.test.arrays[0] * 16)
    assert ((values >= 8) == (binary.test.arrays[0] == 1)).all()


def test_the_plane_is_that_of_the_estimator():
    from xdl.estimators import PCA

    data = load_digits()
    images = xdl.tensor(data.train.arrays[0])
    plane, pca = Plane.of(data.train, 5), PCA(5).fit(images.flatten(1).to("float64"))
    np.testing.assert_allclose(plane.mean.numpy(), pca.mean_, atol=1e-5)
    cosines = np.abs((plane.directions.numpy() * pca.components_.T).sum(0))
    np.testing.assert_allclose(cosines, 1, atol=1e-4)
    again = pca.inverse_transform(pca.transform(images.flatten(1).to("float64")))
    np.testing.assert_allclose(plane.restored(images, 5).flatten(1).numpy(), again.numpy(), atol=1e-4)


def test_pictures_of_many_images():
    images = xdl.arange(6, dtype="float32").reshape(6, 1, 1, 1)
    assert mosaic(images, 3).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert mosaic(images[:2], 2, gap=1).tolist() == [[0, 0.5, 1, 0.5], [0.5] * 4]
    z = xdl.tensor([[0.0, 0], [1, 1], [0.9, 0.1], [0.05, 0]])
    assert glyphs(images[1:5], z, 2).tolist() == [[0, 2], [1, 3]]
    assert centres(z, 2).tolist() == [[0.25, 0.75], [0.75, 0.75], [0.25, 0.25], [0.75, 0.25]]
    labels = xdl.tensor([0, 1, 1, 0])
    assert neighbour_accuracy(z, labels, z + 0.01, labels) == 1
