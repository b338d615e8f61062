"""Variational autoencoders: nats below those of single pixels, bounds in order, new images to `xdl predict`."""

import io

import numpy as np
import pytest

import xdl
from xdl.data import TensorDataset, load_digits
from xdl.errors import DataError, SettingError
from xdl.experiments.autoencoders.nats import nats_of_pixels, quantile_grid
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.start import RunRequest, start
from xdl.train import load_state

TINY = {
    "vae": {"epochs": 20, "seeds": 1, "bound": 10, "betas": "0.2,5", "beta_epochs": 8, "hidden": 64, "lr": 0.004},
    "conditional-vae": {"epochs": 20, "seeds": 1, "bound": 10, "hidden": 64, "lr": 0.004},
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


def digits(path, count=3):
    data = load_digits()
    np.save(path, data.test.arrays[0][:count, 0] * data.std + data.mean)
    return str(path)


def test_a_training_that_learns_nothing_is_said_to(tmp_path, without_figures):
    summary, _, _ = run("conditional-vae", tmp_path, lr=1e-12, epochs=1, samples=200)
    said = [one for one in summary["what_to_see"] if "has learned nothing: its" in one]
    assert [one.partition(" has")[0] for one in said] == ["the model", "the model untold"]


def test_a_vae_in_nats(tmp_path, without_figures):
    summary, folder, said = run("vae", tmp_path)
    assert summary["test_bound"] < summary["test_negative_elbo"] < 0.85 * summary["nats_of_pixels_alone"]
    parts = summary["test_reconstruction"] + summary["test_kl"]
    assert summary["test_negative_elbo"] == pytest.approx(parts)
    assert sum(summary["kl_of_units"]) == pytest.approx(summary["test_kl"], rel=1e-4)
    small, one, large = summary["betas"]
    assert small["KL"] > one["KL"] > large["KL"]
    assert small["reconstruction"] < one["reconstruction"] < large["reconstruction"]
    assert large["units used"] < small["units used"]
    assert one["-ELBO"] < min(small["-ELBO"], large["-ELBO"])
    assert "no likelihood" in said
    names = {path.stem for path in (folder / "figures").iterdir()}
    assert names == {"parts", "samples", "interpolation", "grid", "plane", "trade", "units"}

    frames = load_state(folder / "frames.safetensors", kind="frames")
    assert frames["samples"][0].shape == (100, 1, 8, 8)
    assert len(frames["steps"]) == len(frames["samples"]) == 21
    assert np.std(frames["samples"][-1]) > 2 * np.std(frames["samples"][0])

    before = xdl.random.get_state()["steps"].get("random")
    again = evaluate(folder)
    assert again["test_negative_elbo"] == pytest.approx(summary["test_negative_elbo"], rel=0.02)
    drawn = predict(folder, ["samples"], {"count": "3"})["pictures"]
    assert [picture["name"] for picture in drawn] == ["sample 1", "sample 2", "sample 3"]
    assert drawn == predict(folder, ["samples"], {"count": "3"})["pictures"]
    assert drawn != predict(folder, ["samples"], {"count": "3", "seed": "1"})["pictures"]
    assert xdl.random.get_state()["steps"].get("random") == before
    file = digits(tmp_path / "digits.npy")
    found = predict(folder, [file], {"between": "2", "background": "dark"})["pictures"]
    assert len(found) == 3 + 2 * 2
    assert all(picture["error"] < 0.15 for picture in found[:3])
    with pytest.raises(DataError, match="'samples' alone, or files"):
        predict(folder, ["samples", file])
    with pytest.raises(SettingError, match="a run of conditional-vae"):
        predict(folder, ["samples"], {"label": "3"})


def test_a_conditional_vae_draws_what_is_asked_for(tmp_path, without_figures):
    summary, folder, said = run("conditional-vae", tmp_path)
    assert summary["test_bound"] < summary["untold_bound"]
    assert summary["class_as_asked"] > 0.8
    assert summary["class_in_code"]["told"] < summary["class_in_code"]["untold"]
    assert "told its class, an image costs fewer nats" in said
    drawn = predict(folder, ["samples"], {"count": "2", "label": "7"})["pictures"]
    assert [picture["name"] for picture in drawn] == ["7, sample 1", "7, sample 2"]
    each = predict(folder, ["samples"], {"count": "11"})["pictures"]
    assert [picture["name"][0] for picture in each] == [*"01234567890"]
    file = digits(tmp_path / "digits.npy", 1)
    assert predict(folder, [file], {"label": "0"})["pictures"][0]["error"] < 0.2
    with pytest.raises(SettingError, match="the class of the pictures"):
        predict(folder, [file])
    with pytest.raises(SettingError, match="one of 0, 1, 2"):
        predict(folder, ["samples"], {"label": "x"})
    assert evaluate(folder)["test_bound"] == pytest.approx(summary["test_bound"], rel=0.03)


def test_nats_of_single_pixels_are_their_entropy():
    pixels = np.array([[[[1.0, 0.0]]], [[[0.0, 0.0]]]] * 50, dtype="float32")
    part = TensorDataset(pixels, np.zeros(100, dtype="int64"))
    share, other = 51 / 102, 1 / 102
    assert nats_of_pixels(part, part) == pytest.approx(-np.log(share) - np.log(1 - other), rel=1e-5)


def test_the_grid_is_at_quantiles():
    grid = quantile_grid(4, reach=1.0)
    assert grid.shape == (16, 2)
    np.testing.assert_allclose(grid[:4, 0].numpy(), [-1.1503, -0.3186, 0.3186, 1.1503], atol=1e-3)
    assert (grid[:4, 1] == grid[0, 1]).all()
    assert float(grid[0, 1]) == pytest.approx(1.1503, abs=1e-3)
