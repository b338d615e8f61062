"""Experiments on memory: what a network forgets is computed, and what it keeps is measured."""

import io
from types import SimpleNamespace

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.data.series.adding import adding_problem
from xdl.data.series.levels import noisy_levels
from xdl.errors import SettingError
from xdl.experiments.recurrent.adder import KINDS, adder, learn
from xdl.experiments.recurrent.clipping import by_norm, by_value
from xdl.experiments.recurrent.swing import Swing
from xdl.experiments.recurrent.through_time import gradient_by_distance
from xdl.runs.start import RunRequest, start


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    request = RunRequest({key: str(value) for key, value in given.items()})
    stream = io.StringIO()
    summary = start(name, request, out=out, stream=stream).perform()
    (folder,) = (out / name).iterdir()
    return summary, {path.stem for path in (folder / "figures").iterdir()}, stream.getvalue()


def test_the_sum_of_two_marked_numbers():
    x, y = adding_problem(4000, 9, seed=3)
    assert (x.shape, y.shape, x.dtype, y.dtype) == ((4000, 9, 2), (4000, 1), np.float32, np.float32)
    first, rest = x[:, :4, 1], x[:, 4:, 1]
    assert (first.sum(1) == 1).all()
    assert (rest.sum(1) == 1).all()
    assert first.sum(0) == pytest.approx(1000, abs=120)
    np.testing.assert_array_equal(y[:, 0], (x[..., 0] * x[..., 1]).sum(1))
    assert ((y - 1) ** 2).mean() == pytest.approx(1 / 6, abs=0.01)
    np.testing.assert_array_equal(x, adding_problem(4000, 9, seed=3)[0])
    assert (x != adding_problem(4000, 9, seed=4)[0]).any()
    with pytest.raises(SettingError, match="length >= 2"):
        adding_problem(1, 1)
    with pytest.raises(SettingError, match="samples >= 1"):
        adding_problem(0, 5)


def test_levels_stay_and_have_the_noise_that_is_asked_for():
    x = noisy_levels(20000, stay=50, noise=0.5, seed=1).astype(float)
    quiet = noisy_levels(20000, stay=50, noise=0.0, seed=1)
    assert np.var(x - quiet) == pytest.approx(0.25, rel=0.05)
    assert np.count_nonzero(np.diff(quiet)) == pytest.approx(400, abs=80)
    with pytest.raises(SettingError, match="stay >= 1"):
        noisy_levels(10, stay=0.5)


@pytest.mark.parametrize("layer", [nn.RNN, nn.LSTM])
def test_the_gradient_by_distance_is_that_of_the_jacobian(layer):
    """Over many sequences the mean over random directions is the Jacobian's norm, here by one column at a time."""
    xdl.manual_seed(0)
    cell = layer(2, 3, batch_first=True).to("float64")
    x = xdl.randn(1, 4, 2, dtype="float64")
    many = xdl.cat([x] * 4000, 0)
    found = gradient_by_distance(cell, many)
    _, state = cell(x[:, :2])
    parts = [part.detach().requires_grad_() for part in (state if isinstance(state, tuple) else (state,))]
    last = cell(x[:, 2:], tuple(parts) if len(parts) > 1 else parts[0])[0][0, -1]
    squares = sum(g.square().sum().item() for j in range(3) for g in xdl.grad(last[j], parts, retain_graph=True))
    assert found[1] == pytest.approx((squares / 3) ** 0.5, rel=0.03)
    assert len(found) == 3


def test_the_identity_keeps_what_others_forget():
    xdl.manual_seed(0)
    x = xdl.tensor(adding_problem(8, 60, 5)[0])
    left = {kind: gradient_by_distance(adder(kind, 60, 16).layer, x)[-1] for kind in KINDS}
    assert left["rnn-identity"] > left["lstm-by-lag"] > 0.01
    assert left["lstm-by-lag"] > 100 * left["lstm-forget-1"] > 1e4 * left["lstm"]
    assert left["rnn"] < 1e-9


def test_clipping_keeps_the_norm_or_the_elements_within_limits():
    p = nn.Parameter(xdl.zeros(2))
    for clip, expected in ((by_norm(1.0), [0.6, -0.8]), (by_value(1.0), [1.0, -1.0]), (by_norm(np.inf), [3.0, -4.0])):
        p.grad = xdl.tensor([3.0, -4.0])
        assert float(clip([p])) == pytest.approx(5)
        assert p.grad.tolist() == pytest.approx(expected)


def test_memory(tmp_path, without_figures):
    tiny = {"lags": "6,8", "cells": "rnn,gru", "hidden": 6, "steps": 25, "steps_clipped": 20, "seeds": 2}
    summary, figures, said = run("memory", tmp_path, lag_clipped=12, hidden_clipped=8, **tiny)
    assert figures == {"errors", "losses", "gradients", "clipping"}
    assert [row["cell"] for row in summary["cells"]] == ["rnn", "gru"] * 2
    assert all(0 < row["mean squared error"] < 2 for row in summary["cells"])
    assert [row["gradient"] for row in summary["clipping"]] == ["not clipped", "by the norm, 0.2", "by value, 0.1"]
    assert "predicting the mean: 1/6 = 0.1667" in said
    assert any("rnn does not solve it at lag 8 within 25 steps (in 2 of 2 seeds)" in s for s in summary["what_to_see"])


def test_a_training_that_diverges_has_no_error():
    xdl.manual_seed(0)
    model = adder("rnn-identity", 8, 4)
    with xdl.no_grad():
        model.head.bias[...] = float("inf")
    course = learn(SimpleNamespace(about={"seed": 0}), model, 8, 0.1, 5, 4, 0, by_norm(1.0))
    assert course.error is None
    assert not course.solved


def test_without_memory_the_error_stays_at_what_is_computed(tmp_path, without_figures):
    given = {"steps": 150, "seeds": 1, "samples": 3000, "batch": 8, "lr": 0.02}
    summary, figures, _ = run("memoryless", tmp_path, **given)
    assert figures == {"errors", "forecasts"}
    rows = {row["next value from"]: row for row in summary["networks"]}
    errors = {name: row["mean squared error on the test part"] for name, row in rows.items()}
    best, least = errors["computed: best without memory"], errors["computed: best with memory"]
    assert errors["without memory"] > 0.97 * best > 4 * least
    assert errors["recurrent"] < best / 2
    assert {rows[name]["parameters"] for name in ("without memory", "a window of two", "recurrent")} == {97}


def test_the_floors_of_the_swing():
    swing = Swing(0.9, 12)
    x = swing.series(20000, 1).astype(float)
    a1, a2 = swing.coefficients
    assert x.var() == pytest.approx(1, rel=0.1)
    assert (x[1:] - swing.p * x[:-1]).var() == pytest.approx(swing.without_memory, rel=0.06)
    assert (x[2:] - a1 * x[1:-1] - a2 * x[:-2]).var() == pytest.approx(swing.with_memory, rel=0.03)


def test_windows_and_what_a_carried_state_is_worth(tmp_path, without_figures):
    given = {"samples": 2500, "epochs": 2, "seeds": 1, "window": 5, "hidden": 6, "batch": 10, "lr": 0.03, "noise": 2.0}
    summary, figures, said = run("sequence-sampling", tmp_path, **given)
    assert figures == {"windows", "carried"}
    assert [row["of numbers"] for row in summary["shapes"]] == ["(1, 3)", "(1, 3)", "(2, 3)", "(2, 3)"]
    assert [row["of pairs"] for row in summary["shapes"]] == ["(1, 3, 2)", "(1, 3, 2)", "(2, 3, 2)", "(2, 3, 2)"]
    assert "consecutive, batches of 2, batch 2: x [[3, 4, 5], [12, 13, 14]]  y [[4, 5, 6], [13, 14, 15]]" in said
    errors = {row["trained and tested with"]: row["mean squared error"] for row in summary["sampling"]}
    assert errors["consecutive, state carried"] < errors["consecutive, state reset"]


def test_a_window_longer_than_the_series_is_refused_by_its_name(tmp_path):
    request = RunRequest({"samples": "500", "window": "500"})
    with pytest.raises(SettingError, match=r"^--set window: expected at most 499"):
        start("sequence-sampling", request, out=tmp_path, stream=io.StringIO()).perform()
