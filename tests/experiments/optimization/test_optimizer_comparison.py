"""Seven methods over a grid of rates: chosen on validation images, counted as wrong where they diverge."""

import io
from math import inf, isnan, nan

import numpy as np
import pytest

import xdl
from xdl.experiments.optimization.optimizer_comparison import accuracy_of, curve, network, validated
from xdl.experiments.shared.methods import METHODS
from xdl.experiments.shared.sweep import Tried
from xdl.runs.start import RunRequest, start


def tried(losses, accuracy, diverged=False):
    history = [{"train_loss": loss, "validation_loss": 2 * loss} for loss in losses]
    return Tried("", history, diverged, nan, nan, accuracy, 0.0, 1)


def test_what_diverged_is_never_chosen_and_has_nothing_right():
    good, lost = tried([2.0, 1.0], 0.8), tried([3.0], nan, diverged=True)
    assert validated([good, good]) == 2
    assert validated([good, lost]) == inf
    assert accuracy_of([good, lost]) == 0.4
    line = curve([good, lost], "train_loss", 2)
    assert line.ys[0] == 2.5
    assert isnan(line.ys[1])


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 10, 13)])
def test_the_network_fits_images(shape):
    assert network(4, shape, 10)(xdl.zeros((2, *shape))).shape == (2, 10)


def test_rates_decide_and_the_best_is_the_validated_one(tmp_path, without_figures):
    xdl.set_num_threads(1)
    given = {"rates": "0.00001,0.01,0.3", "epochs": "2", "samples": "300", "batch_size": "25", "seeds": "1"}
    summary = start("optimizer-comparison", RunRequest(given), out=tmp_path, stream=io.StringIO()).perform()
    best = {row["method"]: row["best rate"] for row in summary["methods"]}
    assert set(best) == set(METHODS)
    assert (best["Adam"], best["SGD"]) == (0.01, 0.3)
    assert summary["accuracies"]["Adam"][1] > 0.6 > 0.3 > max(summary["accuracies"]["Adam"][::2])
    ordered = [row["test accuracy"] for row in summary["methods"]]
    assert ordered == sorted(ordered, reverse=True)
    means = np.array(list(summary["accuracies"].values()))
    adam = list(METHODS).index("Adam")
    alone = [bool(means[adam, i] < np.delete(means[:, i], adam).min()) for i in range(3)]
    assert summary["adam"]["last"] == [rate for rate, last in zip((0.00001, 0.01, 0.3), alone, strict=True) if last]
    (folder,) = (tmp_path / "optimizer-comparison").iterdir()
    figures = {"grid-accuracy", "grid-loss", "best-accuracy", "best-loss", "by-rate", "extremes"}
    assert {path.stem for path in (folder / "figures").glob("*.safetensors")} == figures
