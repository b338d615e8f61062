"""Boltzmann machines and diffusion as experiments: small runs, what they can be asked, the same bits after a stop."""

import io

import numpy as np
import pytest

import xdl
from tests.train.around import differences
from xdl.data import load_images
from xdl.errors import CollapseError, DataError, SettingError
from xdl.experiments.energy.dbn_training import GLOROT, PRE_TRAINED, RANDOM, RELU, Data
from xdl.experiments.energy.rbm import independent, worst_fall
from xdl.experiments.energy.visible import Units
from xdl.plot import load_data
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.resume import find_run, resume
from xdl.runs.start import RunRequest, start
from xdl.train import Checkpoints

STOPPED = {"rbm": 8, "dbn": 5, "diffusion-points": 3}  # epochs, over all trainings, after which a run is stopped
TINY = {
    "rbm": {"epochs": 3, "samples": 100, "hidden": 6, "seeds": 1, "steps": 5},
    "dbn": {"passes": 2, "samples": 400, "steps": 30, "few_steps": 20, "seeds": 1, "chain": 5},
    "diffusion-points": {
        "steps": 60, "points": 1000, "seeds": 1, "sampling": "4,20", "times": 20, "samples": 200, "hidden": 16,
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, data=None, **given):
    text = {key: str(value) for key, value in (TINY[name] | given).items()}
    summary = start(name, RunRequest(text, data=data), out=out, stream=io.StringIO()).perform()
    (folder,) = (out / name).iterdir()
    return summary, folder


@pytest.mark.parametrize("visible", ["binary", "gaussian"])
def test_a_machine_is_measured_by_its_exact_likelihood_and_dreams(tmp_path, without_figures, visible):
    summary, folder = run("rbm", tmp_path, visible=visible, lr=0.3 if visible == "binary" else 0.01)
    alone, *methods = summary["methods"]
    assert alone["ln p(v), train"] == summary["independent_log_likelihood"]
    assert [row["learned by"] for row in methods] == ["CD-1", "CD-5", "PCD"]
    assert "of 3 trainings)" in summary["what_to_see"][-1] or "of 3 trainings)" in summary["what_to_see"][3]
    assert all((row["pseudo ln p(v)"] is None) == (visible == "gaussian") for row in methods)
    assert evaluate(folder)["test_log_likelihood"] == pytest.approx(summary["test_log_likelihood"], rel=1e-5)
    drawn = load_data(folder / "figures/fantasies.safetensors")
    assert drawn.arrays["images"].shape == (40, 8, 8)
    assert load_data(folder / "figures/chain.safetensors").options["titles"][:4] == [
        "step 0", "step 1", "step 3", "step 5",
    ]  # fmt: skip

    np.save(tmp_path / "two.npy", load_images("digits").test.arrays[0][:2, 0])
    answer = predict(folder, ["samples", str(tmp_path / "two.npy")], {"count": "3", "steps": "4"})["pictures"]
    assert [one["error"] is None for one in answer] == [True] * 3 + [False] * 2
    assert all(0 <= value <= 1 for one in answer for row in one["pixels"] for value in row)
    samples_hang_on_their_seed(folder, "pictures")
    with pytest.raises(DataError):
        predict(folder, [str(tmp_path / "none.png")])
    with pytest.raises(SettingError, match="the name of a PNG file"):
        predict(folder, ["samples"], {"out": "a.jpg"})


def test_a_stack_is_a_start_for_networks_and_dreams(tmp_path, without_figures):
    summary, folder = run("dbn", tmp_path)
    assert [row["labels"] for row in summary["accuracies"]] == [100, 300, 400]
    assert set(summary["accuracies"][0]) == {"labels", PRE_TRAINED, RANDOM, GLOROT, RELU}
    assert len(summary["reconstruction_errors"]) == 2
    assert evaluate(folder)["test_accuracy"] == pytest.approx(summary["test_accuracy"], abs=1e-6)
    np.save(tmp_path / "two.npy", load_images("digits").test.arrays[0][:2, 0])
    answer = predict(folder, ["samples", str(tmp_path / "two.npy")], {"count": "3", "steps": "4"})["pictures"]
    assert [one["error"] is None for one in answer] == [True] * 3 + [False] * 2
    assert all("%" in one["name"] for one in answer[3:])
    samples_hang_on_their_seed(folder, "pictures")


def test_networks_that_have_learned_nothing_beat_none(tmp_path, without_figures):
    seen = run("dbn", tmp_path, lr=1e-12, passes=1, samples=200)[0]["what_to_see"]
    assert len([one for one in seen if one.startswith("not seen here") and "beats the one with" in one]) == 2
    (weak,) = [one for one in seen if one.startswith("fewer than half of the images right, even with 200 labels: ")]
    assert all(name in weak for name in (PRE_TRAINED, RANDOM, GLOROT, RELU))


@pytest.mark.parametrize(("name", "rates"), [("rbm", {"lr": 1e8}), ("dbn", {"rbm_lr": 1e5})])
def test_a_machine_that_diverges_ends_the_run(tmp_path, without_figures, name, rates):
    """Its units stay between 0 and 1, so that nothing but its energies tells."""
    with pytest.raises(CollapseError, match=r"Divergence: expected validation_\w+ within .* the training diverges"):
        run(name, tmp_path, **rates)


def samples_hang_on_their_seed(folder, what):
    """The same seed makes the same samples, another one others, and no other random number changes by it."""
    before = xdl.random.get_state()["steps"].get("random")
    one, again, other = (
        predict(folder, ["samples"], {"count": "2", "steps": "3", "seed": seed})[what] for seed in "338"
    )
    assert one == again != other
    assert xdl.random.get_state()["steps"].get("random") == before


def test_labelled_parts_differ_by_seed_and_hold_all_classes():
    images = load_images("digits")
    data = Data.of(images, Units.of(images, "grey"))
    first, second = (data.labelled(100, repeat).arrays for repeat in (0, 1))
    assert len(np.unique(first[1])) == len(np.unique(second[1])) == 10
    assert not (first[0] == second[0]).all()
    assert len(data.labelled(1295, 2).arrays[1]) == 1295


@pytest.mark.parametrize("data", ["ring", "digits"])
def test_diffusion_is_measured_between_real_samples_and_noise(tmp_path, without_figures, data):
    summary, folder = run("diffusion-points", tmp_path, data)
    assert [row["samples"] for row in summary["samplers"]] == [
        "other real samples",
        "noise",
        *["DDPM"] * 2,
        *["DDIM"] * 2,
    ]
    real, noise, *_ = summary["samplers"]
    assert real["MMD^2"] < 0.01 < noise["MMD^2"]
    assert ("modes" in evaluate(folder)) == (data == "ring")
    answer = predict(folder, ["samples"], {"count": "3", "steps": "4", "eta": "0"})
    assert len(answer["points" if data == "ring" else "pictures"]) == 3
    samples_hang_on_their_seed(folder, "points" if data == "ring" else "pictures")
    assert evaluate(folder) == evaluate(folder)
    drawn = load_data(folder / "figures/paths.safetensors")
    assert drawn.title.startswith(f"diffusion-points on {data}")
    with pytest.raises(DataError, match='the word "samples"'):
        predict(folder, ["sample"])
    if data == "ring":
        with pytest.raises(SettingError, match="out: expected no file: samples of this run are points"):
            predict(folder, ["samples"], {"out": str(tmp_path / "a.png")})


@pytest.mark.parametrize("name", TINY)
def test_a_run_that_is_stopped_goes_on_to_the_same_bits(tmp_path, without_figures, monkeypatch, name):
    expected, whole = run(name, tmp_path / "whole")
    ended, kept = [], Checkpoints.on_epoch_end

    def stop(self, trainer, record):
        kept(self, trainer, record)
        ended.append(record)
        if len(ended) == STOPPED[name]:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "on_epoch_end", stop)
        with pytest.raises(KeyboardInterrupt):
            run(name, tmp_path / "broken")
    (folder,) = (tmp_path / "broken" / name).iterdir()
    found = resume(find_run(str(folder), tmp_path), RunRequest({}), stream=io.StringIO()).perform()
    assert found["what_to_see"] == expected["what_to_see"]
    assert differences(weights(folder), weights(whole)) == []


def weights(folder):
    """The tensors of the model's file, as bytes after its header."""
    content = (folder / "model.safetensors").read_bytes()
    return {"weights": content[8 + int.from_bytes(content[:8], "little") :].hex()}


def test_pixels_become_units_and_pictures_again():
    data = load_images("digits")
    images = data.test.arrays[0][:5]
    for kind in ("binary", "grey", "gaussian"):
        units = Units.of(data, kind)
        v = units.from_images(images)
        assert v.shape == (5, 64)
        shown = units.pictures(v).numpy()
        whole = (images - images.min()) / (images.max() - images.min())
        np.testing.assert_allclose(shown, whole > 0.49 if kind == "binary" else whole, atol=1e-6)
    np.testing.assert_allclose(units.from_images(images).numpy(), images.reshape(5, -1), atol=1e-5)


def test_units_alone_and_falls_are_counted():
    v = xdl.tensor([[0.0, 1], [1, 1]])
    p = np.array([0.5, 0.75])
    expected = np.mean([np.log(1 - p[0]) + np.log(p[1]), np.log(p).sum()])
    assert independent(v, True) == pytest.approx(expected, rel=1e-6)

    def record(likelihood, error):
        return {
            "validation_log_likelihood": likelihood,
            "validation_free_energy_gap": 0.0,
            "validation_reconstruction_error": error,
        }

    falling = [record(-10.0, 1.0), *[record(-9.0, 0.9)] * 4, record(-12.0, 0.5)]
    assert worst_fall(falling) == 2.0
    assert worst_fall([record(-10.0, 1.0), *[record(-9.0, 0.9)] * 4, record(-12.0, 1.5)]) == 0.0
