"""Generators of numbers and points: what their runs leave, how they end, and what they can be asked."""

import io
import json

import numpy as np
import pytest

import xdl
from xdl.data import ring_of_centres
from xdl.errors import CollapseError, DataError
from xdl.experiments.adversarial import gan_points, wgan_gp, wgan_points
from xdl.experiments.adversarial.recipe import generator_of
from xdl.experiments.adversarial.sampler import Options, noise_of
from xdl.experiments.adversarial.target import ModesOfPoints
from xdl.experiments.adversarial.tricks import BASE, TRICKS
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.saved_run import read_run
from xdl.runs.start import RunRequest, start
from xdl.train import load_state

TINY = {"steps": 200, "width": 16, "batch_size": 16}


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, data=None, data_dir=None, **given):
    request = RunRequest({key: str(value) for key, value in given.items()}, data=data, data_dir=data_dir)
    summary = start(name, request, out=out, stream=io.StringIO()).perform()
    (folder,) = (out / name).iterdir()
    return summary, folder


def test_numbers_have_the_mean_and_the_std_of_the_data(tmp_path, without_figures):
    summary, folder = run("gan-numbers", tmp_path, steps=1200)
    assert summary["mean_off"] < 0.1
    assert summary["std_off"] < 0.1
    assert summary["samples_w1"] < 0.15 < summary["numbers"][0]["Wasserstein-1"]
    frames = load_state(folder / "frames.safetensors", kind="frames")
    assert frames["steps"][0] == 0
    assert frames["steps"][-1] == 1200
    history = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert history[-1]["samples_mean"] == summary["samples_mean"]


def test_the_books_numbers_are_read(tmp_path, without_figures):
    (tmp_path / "data").mkdir()
    np.save(tmp_path / "data" / "real_values.npy", np.linspace(-3, -1, 50))
    summary, _ = run("gan-numbers", tmp_path / "runs", "real-values", tmp_path / "data", **TINY | {"steps": 400})
    assert summary["real"]["mean"] == pytest.approx(-2)
    assert abs(summary["samples_mean"] + 2) < 0.5


def test_steps_are_told_as_they_were_done(tmp_path, without_figures):
    summary, _ = run("gan-points", tmp_path, steps=150, trick_steps=110, seeds=1, batch_size=16)
    done, tricks = summary["what_to_see"][0], summary["what_to_see"][-1]
    assert done.startswith("after 200 steps ")
    assert tricks.startswith(
        "after at most 200 steps, beside the recipe as it is (collapse rate, fewer than all 8 modes"
    )


def test_points_cover_modes_and_tricks_are_compared(tmp_path, without_figures):
    summary, folder = run("gan-points", tmp_path, steps=1000, trick_steps=100, seeds=2, lr=0.002)
    assert summary["samples_modes"] >= 6
    assert summary["samples_near"] > 0.3
    assert summary["real"] == pytest.approx({"modes": 8, "near": 1, "mmd": 0}, abs=0.01)
    assert [row["trick"] for row in summary["tricks"]] == list(TRICKS)
    assert {row["seeds"] for row in summary["tricks"]} == {2}
    assert {path.stem for path in (folder / "figures").iterdir()} == {"training", "measures", "critic", "tricks"}
    assert evaluate(folder)["samples_near"] == summary["samples_near"]
    made = predict(folder, ["0", "7"], {"number": "300"})["samples"]
    found = [ModesOfPoints(ring_of_centres()).modes(one["points"]) for one in made]
    assert all(one.near > 0.2 for one in found)
    assert made[0]["points"] != made[1]["points"]
    with pytest.raises(DataError, match="a seed: a whole number"):
        predict(folder, ["0", "x"])


@pytest.mark.parametrize(
    ("name", "least", "given"), [("gan-points", 4, {}), ("wgan-points", 4, {}), ("wgan-gp", 2, {"side": 2})]
)
def test_a_generator_that_loses_its_modes_ends_the_run_and_leaves_the_last_good_state(
    name, least, given, tmp_path, monkeypatch
):
    looks = []

    class Losing(ModesOfPoints):
        """From the third look on, all samples lie at one place."""

        def measures(self, *_):
            looks.append(0)
            return {"modes": 8.0 if len(looks) < 3 else 1.0, "near": 0.5, "mmd": 0.1}

    for experiment in (gan_points, wgan_points, wgan_gp):
        monkeypatch.setattr(experiment, "ModesOfPoints", Losing)
    monkeypatch.setattr(wgan_points, "compare", lambda *_: [])
    with pytest.raises(CollapseError, match=f"modes to stay at {least} or above, found 1 after epoch 3, step 300"):
        run(name, tmp_path, **TINY | given | {"steps": 600})
    (folder,) = (tmp_path / name).iterdir()
    kept = load_state(folder / "last.safetensors")
    assert kept["progress"]["step"] == 200
    average = kept["callbacks"].get("WeightAverage")
    expected = {f"module.{k}": v for k, v in kept["generator"].items()} if average is None else average["averaged"]
    saved = read_run(folder)
    generator = saved.trained(generator_of(saved.settings, 2)).state_dict()
    assert all(np.array_equal(generator[key].numpy(), expected[f"module.{key}"]) for key in generator)
    assert np.shape(predict(folder, ["0"])["samples"][0]["points"]) == (8, 2)
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert (events[-1]["phase"], events[-1]["kind"]) == ("failed", "CollapseError")


def test_every_trick_changes_the_recipe():
    base = gan_points.Settings()
    assert TRICKS[BASE] == {}
    for changes in list(TRICKS.values())[1:]:
        assert all(getattr(base, name) != value for name, value in changes.items())


def test_a_way_between_two_seeds_keeps_the_length_of_noise():
    ways = noise_of(3, (50,), Options(number=9, to=5))
    ends = [noise_of(seed, (50,), Options(number=1))[0] for seed in (3, 5)]
    np.testing.assert_allclose(ways[0].numpy(), ends[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(ways[-1].numpy(), ends[1].numpy(), atol=1e-5)
    lengths = ways.square().sum(1).sqrt().numpy()
    low, high = sorted(end.square().sum().sqrt().item() for end in ends)
    assert low - 1e-4 <= lengths.min() <= lengths.max() <= high + 1e-4
    same = noise_of(3, (2,), Options(number=3, to=3)).numpy()
    np.testing.assert_allclose(same, [same[0]] * 3, atol=1e-4)
