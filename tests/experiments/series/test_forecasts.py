"""Experiments on series: each shows what it is there to show, and its run can be asked afterwards."""

import io
import json
import math

import pytest

import xdl
from xdl.errors import DataError, SettingError
from xdl.experiments.series.forecaster import Options
from xdl.experiments.series.form import SeriesForm
from xdl.runs.evaluate import evaluate
from xdl.runs.saved_run import read_run
from xdl.runs.start import RunRequest, start
from xdl.runs.task import task_of

TINY = {
    "ar-model": {"points": 20000, "samples": 1500, "order": 4, "epochs": 1, "hidden": 4, "systems": 1, "horizon": 5},
    "window-mlp": {"samples": 600, "epochs": 8, "seeds": 1, "horizon": 20, "hidden": 16},
    "rnn-sine": {"samples": 600, "epochs": 8, "seeds": 1, "horizon": 20, "hidden": 12, "warm_up": 30},
    "book-rnn-curve": {"samples": 600, "epochs": 2, "seeds": 1, "cells": "rnn,bi-gru", "hidden": 6, "layers": 1},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread():
    xdl.set_num_threads(1)


def run(name, out, **given):
    """The summary, and the run's folder."""
    text = {key: str(value) for key, value in (TINY[name] | given).items()}
    plan = start(name, RunRequest(text), out=out, stream=io.StringIO())
    return plan.perform(), plan.run.folder.path


def test_least_squares_finds_the_coefficients_and_comes_to_the_floor(tmp_path, without_figures):
    summary, folder = run("ar-model", tmp_path)
    assert summary["largest_coefficient_error"] < 0.02
    (errors,) = summary["rmse_in_parts_of_the_noise"]
    assert errors["true coefficients"] == pytest.approx(1, abs=0.15)
    assert errors["least squares"] < 1.03 * errors["true coefficients"] < errors["next equals last"]
    assert all(abs(row["found"] - row["true"]) < 4 * row["standard error"] for row in summary["coefficients"])
    asked(folder, summary)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("ar-model", "horizon", 10**6),
        ("window-mlp", "horizon", 10**6),
        ("window-mlp", "inputs", 390),
        ("rnn-sine", "horizon", 10**6),
        ("book-rnn-curve", "stride", 10**6),
        ("book-rnn-curve", "cells", ""),
    ],
)
def test_what_the_series_has_no_steps_for_is_refused_by_its_name(tmp_path, name, setting, value):
    with pytest.raises(SettingError, match=f"^{setting}: expected .*found {value or repr(value)}"):
        run(name, tmp_path, **{setting: value})


def test_a_window_tells_what_comes_next_and_least_squares_exactly(tmp_path, without_figures):
    summary, folder = run("window-mlp", tmp_path)
    found = {row["case"]: row for row in summary["forecasts"]}
    assert found["no noise, linear AR"]["RMSE 20 steps ahead"] < 1e-4
    for kind in ("no noise", "noise 0.1"):
        mlp, last = (found[f"{kind}, {name}"]["RMSE one step ahead"] for name in ("MLP", "next equals last"))
        assert mlp < last
    asked(folder, summary)
    forecasts_of_files(folder, tmp_path)


def test_the_gradients_are_right_and_the_rnn_learns(tmp_path, without_figures):
    summary, folder = run("rnn-sine", tmp_path)
    assert summary["largest_gradient_error"] < 1e-7
    assert len(summary["gradient_check"]) == 6
    found = {row["windows"]: row["RMSE one step ahead"] for row in summary["ways"]}
    assert found["consecutive, state carried"] < 1
    asked(folder, summary)


def test_no_cell_comes_below_the_best_forecast_of_ten_values(tmp_path, without_figures):
    summary, folder = run("book-rnn-curve", tmp_path)
    found = {row["forecast"]: row["test MSE"] for row in summary["forecasts"]}
    best = found.pop("the best that these values allow")
    assert summary["floor"] == pytest.approx(0.01)
    assert 0.01 < best < min(found[name] for name in found if "floor" not in name)
    assert {"rnn", "bi-gru", "rnn, the book's Adam", "least squares", "next equals last"} <= found.keys()
    asked(folder, summary)
    with pytest.raises(SettingError, match=r"a known cell, found 'gur'\. Did you mean 'gru'"):
        run("book-rnn-curve", tmp_path, cells="rnn,gur")


def asked(folder, summary):
    """`xdl eval` of the run gives what its summary says."""
    found = evaluate(folder)
    assert found["test_rmse"] == pytest.approx(summary["test_rmse"], rel=1e-4)
    assert found["skill"] == pytest.approx(1 - (found["test_rmse"] / found["persistence_rmse"]) ** 2)


def forecasts_of_files(folder, out):
    """`xdl predict` of the run: the next steps of good files, and which files are refused."""
    saved = read_run(folder)
    task = task_of(saved)
    good, far = ([shift + math.sin(0.1 * t) + math.cos(0.2 * t) for t in range(60)] for shift in (0, 100))
    files = {"good": good, "far": far, "short": good[:10], "gap": [*good, math.nan]}
    for name, values in files.items():
        (out / name).write_text("x\n" + "\n".join(map(str, values)))
    forecasts = task.predict(saved, [str(out / "good"), str(out / "far")], Options(steps=3))["forecasts"]
    assert [row[0] for row in forecasts[0]["next"]] == pytest.approx(
        [math.sin(0.1 * t) + math.cos(0.2 * t) for t in range(60, 63)], abs=0.3
    )
    assert forecasts[0]["unlike"] == []
    assert "std from the mean of the training part" in forecasts[1]["unlike"][0]
    assert "do not trust it" in task.as_text({"forecasts": forecasts})
    assert len(task.predict(saved, [str(out / "good")], Options())["forecasts"][0]["next"]) == 1
    with pytest.raises(DataError, match="at least 50 lines of numbers, as many as the model sees, found 10"):
        task.predict(saved, [str(out / "short")], Options())
    with pytest.raises(DataError, match="column 'x', found others in line 62"):
        task.predict(saved, [str(out / "gap")], Options())
    content = json.loads((folder / "series.json").read_text())
    scale = {"mean": [0, 0], "std": [1, 1]}
    for damage in ({"targets": [1]}, {"scale": {}}, {"inputs": 0}, {"features": [1]}, {"scale": scale}):
        (folder / "series.json").write_text(json.dumps(content | damage))
        with pytest.raises(DataError):
            SeriesForm.read(saved)
