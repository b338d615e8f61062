"""Wasserstein GANs: critics on the line beside the exact distance, and generators of points."""

import io
from math import pi

import numpy as np
import pytest

import xdl
from xdl import plot
from xdl.experiments.adversarial import line_critics
from xdl.experiments.adversarial.line_critics import WAYS
from xdl.experiments.adversarial.recipe import Recipe, Waves, falling_rates, task_of
from xdl.experiments.shared.generated.tracking import in_words, tracking
from xdl.runs.start import RunRequest, start

TINY = {"width": 16, "batch_size": 16}


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    request = RunRequest({key: str(value) for key, value in given.items()})
    summary = start(name, request, out=out, stream=io.StringIO()).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").iterdir()}


def test_critics_on_the_line_and_clipped_weights(tmp_path, monkeypatch, without_figures):
    monkeypatch.setattr(line_critics, "DISTANCES", (1.0, 3.0))
    summary, figures = run("wgan-points", tmp_path, steps=300, line_steps=300, **TINY)
    assert figures == {"distance", "training", "measures"}
    penalty, narrow, wide = (way.name for way in WAYS)
    for row in summary["line"]:
        assert row["exact"] == pytest.approx(row["distance of the means"], abs=0.1)
        assert row[penalty] == pytest.approx(row["exact"], rel=0.1)
        assert row[narrow] < 0.9 * row["exact"] < 3 * row["exact"] < row[wide]
    assert summary["samples_near"] > 0.02


def test_a_penalty_covers_a_grid(tmp_path, without_figures):
    given = {"side": 2, "steps": 300, "seeds": 2}
    summary, figures = run("wgan-gp", tmp_path, **TINY | given | {"width": 32, "batch_size": 32})
    assert figures == {"comparison", "training", "measures"}
    assert [row["training"] for row in summary["trainings"]] == ["WGAN-GP", "plain GAN"]
    assert all(len(str(row["modes of 4"]).split(", ")) == 2 for row in summary["trainings"])
    assert summary["samples_modes"] == 4
    assert summary["samples_near"] > 0.3


def test_what_is_told_of_the_critics_value():
    assert tracking([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) == pytest.approx(1)
    for values, distances in (([1.0, 2.0], [3.0, 5.0]), ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]), ([], [])):
        assert tracking(values, distances) is None
    assert (in_words(0.6), in_words(None)[:15]) == ("correlation 0.60", "no correlation,")


def test_panels_of_a_training_tell_what_the_run_measured(tmp_path, without_figures):
    summary, _ = run("wgan-points", tmp_path, steps=200, line_steps=20, **TINY)
    (folder,) = (tmp_path / "wgan-points").iterdir()
    (*_, last) = plot.load_data(folder / "figures" / "training.safetensors").options["panels"]
    modes, near = summary["samples_modes"], summary["samples_near"]
    assert last["title"] == f"step 200: {modes:.0f} of 8 modes, {near:.0%} near"


def test_waves_stand_beside_the_coordinates():
    x = xdl.tensor([[0.5, -1.0], [2.0, 0.0]])
    waves = Waves(2)
    found = waves(x)
    assert found.shape == (2, waves.features(2)) == (2, 10)
    angles = [pi / 2 * x, pi * x]
    expected = xdl.cat([x, angles[0].sin(), angles[0].cos(), angles[1].sin(), angles[1].cos()], 1)
    np.testing.assert_allclose(found.numpy(), expected.numpy())


def test_rates_stay_and_then_fall_evenly_to_nothing():
    task = task_of(Recipe(lr=0.5), xdl.zeros(4, 2))
    schedules = falling_rates(task, share=0.5, steps=8)
    rates = []
    for _ in range(8):
        rates.append(
            [optimizer.param_groups[0]["lr"] for optimizer in (task.generator_optimizer, task.critic_optimizer)]
        )
        for one in schedules:
            one.scheduler.step()
    assert rates == [[rate] * 2 for rate in [0.5] * 5 + [0.375, 0.25, 0.125]]
