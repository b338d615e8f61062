"""Experiments that compare: rates are tuned, trainings are repeated, and what is said of them is computed."""

import io

import numpy as np
import pytest

import xdl
from xdl import plot
from xdl.experiments.shared.sweep import try_out
from xdl.models import SoftmaxRegression
from xdl.optim import SGD
from xdl.runs.start import RunRequest, start


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    """The summary, and a function that loads the data of a figure."""
    plan = start(name, RunRequest({key: str(value) for key, value in given.items()}), out=out, stream=io.StringIO())
    summary = plan.perform()
    return summary, lambda figure: plot.load_data(plan.run.folder.path / "figures" / f"{figure}.safetensors")


def test_each_optimizer_is_drawn_at_its_best_rate(tmp_path, without_figures):
    summary, figure = run("optimizers", tmp_path, steps=40, samples=20, hidden=30, rates="0.01,0.1,1,1000", seeds=2)
    heat = figure("rates")
    losses, framed = heat.array("values", 2), heat.array("framed", 2)
    assert (framed == (losses == losses.min(1, keepdims=True))).all()
    assert heat.options["columns"] == ["0.01", "0.1", "1", "1000"]
    assert np.isinf(losses[:3, 3]).all()
    assert summary["losses"]["SGD"]["1000"] is None
    found = {row["method"]: (row["best rate"], row["loss"]) for row in summary["methods"]}
    for name, row in zip(heat.options["rows"], losses, strict=True):
        assert found[name] == (float(heat.options["columns"][row.argmin()]), pytest.approx(row.min()))
    drawn = [curve for panel in figure("losses").options["panels"] for curve in panel["curves"]]
    assert {curve["label"] for curve in drawn} == {f"{name}, rate {rate:g}" for name, (rate, _) in found.items()}
    assert all("low" in curve for curve in drawn)
    assert any("comes further than every other" in sentence for sentence in summary["what_to_see"])


def test_larger_batches_have_less_noise_in_proportion(tmp_path, without_figures):
    given = {"samples": 120, "epochs": 1, "rates": "0.01,1", "seeds": 2, "sizes": "0,20"}
    summary, figure = run("batch-sizes", tmp_path, **given)
    noise = {row["batch size"]: row["variance of the gradient"] for row in summary["gradient_noise"]}
    assert noise[1] / noise[10] == pytest.approx(10, rel=0.35)
    titles = [panel["title"] for panel in figure("losses").options["panels"]]
    assert titles == ["against passes", "against steps", "against seconds"]
    steps = figure("steps")
    assert [len(steps.arrays[panel["curves"][0]["y"]]) for panel in steps.options["panels"]] == [1, 6]


def test_capacity_measures_both_losses_in_evaluation_mode(tmp_path, without_figures):
    summary, figure = run("capacity", tmp_path, widths="2,32", epochs=3, seeds=2, samples=100)
    (panel,) = figure("capacity").options["panels"]
    assert [curve["label"] for curve in panel["curves"]] == ["training", "test"]
    assert "over-fitting: from 2 to 32 units training loss falls" in summary["what_to_see"][0]
    assert all(row["gap"] == pytest.approx(row["test loss"] - row["train loss"]) for row in summary["widths"])


def test_a_training_is_measured_after_its_last_step(tmp_path):
    plan = start("losses", RunRequest({}), out=tmp_path, stream=io.StringIO())
    data = xdl.data.load_images("digits")
    given = {"make": lambda p: SGD(p, lr=0.05), "epochs": 1, "batch_size": 50, "samples": 200, "validate": False}
    one = try_out(plan.run, "one", data, lambda: SoftmaxRegression(64, 10), **given)
    assert one.train_loss < one.history[-1]["train_loss"]
    assert "validation_loss" not in one.history[-1]
    assert one.train_loss < one.test_loss
    given["make"] = lambda p: SGD(p, lr=1e38)
    worst = try_out(plan.run, "two", data, lambda: SoftmaxRegression(64, 10), **given)
    assert worst.diverged
    assert np.isnan([worst.train_loss, worst.test_loss, worst.test_accuracy]).all()


def test_rates_hold_for_an_epoch_and_each_schedule_is_beside_a_constant_rate(tmp_path, without_figures):
    summary, figure = run("schedules", tmp_path, epochs=2, samples=60, seeds=2)
    curves = [curve for panel in figure("rates").options["panels"] for curve in panel["curves"]]
    assert {curve["look"] for curve in curves} == {"steps"}
    panels = figure("comparison").options["panels"]
    assert [[curve["label"] for curve in panel["curves"]] for panel in panels] == [
        ["constant", name] for name in ("exponential", "every n epochs", "by a table", "cosine", "warm restarts")
    ]
    assert len(summary["what_to_see"]) == 2


def test_diverged_rates_are_marked(tmp_path, without_figures):
    given = {"rates": "0.1,1e30", "epochs": 1, "samples": 60, "seeds": 2}
    summary, figure = run("batchnorm-rates", tmp_path, **given)
    assert summary["rates"][1]["without batch norm"] is None
    data = figure("rates")
    crosses = [curve for curve in data.options["panels"][0]["curves"] if curve["look"] == "diverged"]
    assert crosses[0]["label"] == "without batch norm: diverged"
    assert data.arrays[crosses[0]["x"]].tolist() == [1e30]
    assert "batchnorm-rates on digits" in data.options["caption"]


def test_parts_and_the_whole_have_bands(tmp_path, without_figures):
    summary, figure = run("part-of-data", tmp_path, epochs=2, parts=2, seeds=2)
    for panel in figure("comparison").options["panels"]:
        assert [curve["label"] for curve in panel["curves"]] == ["a part: every part and seed", "all 1295 images"]
        assert all("low" in curve for curve in panel["curves"])
    assert "after equally many steps" in summary["what_to_see"][0]
