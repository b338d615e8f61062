"""xdl run --seeds: the same experiment from several seeds, its bands, and going on where it was interrupted."""

import io
import json
from statistics import fmean, stdev

import numpy as np
import pytest
from typer.testing import CliRunner

import xdl
from tests.runs import line_fit
from xdl.cli.app import app
from xdl.errors import DataError, SettingError
from xdl.plot.training import bands, mean_and_range
from xdl.runs.evaluate import evaluate
from xdl.runs.repeat import bands_of, prepare
from xdl.runs.start import RunRequest
from xdl.runs.statistics import wilson_interval
from xdl.train import read_events


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    line_fit.registered(monkeypatch)
    xdl.set_num_threads(1)


def plan(out, target=line_fit.NAME, resumed=False, stream=None, **asked):
    request = RunRequest(asked.pop("given", {}), **asked)
    return prepare(target, request, resumed=resumed, out=out, stream=stream or io.StringIO())


def model(folder):
    return (folder / "model.safetensors").read_bytes()


def test_each_seed_has_a_run_of_its_own_and_the_summary_has_their_bands(tmp_path):
    stream = io.StringIO()
    repeated = plan(tmp_path, seeds=3, seed=5, stream=stream)
    summary = repeated.perform()
    folder = repeated.run.folder.path
    single = plan(tmp_path / "one", seed=6)
    single.perform()
    assert model(folder / "seed-6") == model(single.run.folder.path)
    losses = [json.loads((folder / f"seed-{s}" / "summary.json").read_text())["test_loss"] for s in (5, 6, 7)]
    assert len(set(losses)) == 3
    assert [run["test_loss"] for run in summary["runs"]] == losses
    found = summary["bands"]["test_loss"]
    assert found == {"n": 3, "mean": fmean(losses), "std": stdev(losses), "min": min(losses), "max": max(losses)}
    assert json.loads((folder / "summary.json").read_text()) == json.loads(json.dumps(summary))
    assert json.loads((folder / "run.json").read_text())["seeds"] == [5, 6, 7]
    assert json.loads((folder / "seed-6" / "run.json").read_text())["seed"] == 6
    assert (folder / "figures" / "bands.png").read_bytes().startswith(b"\x89PNG")
    assert "3 seeds, 5 to 7" in stream.getvalue()
    (line,) = [line for line in stream.getvalue().splitlines() if line.startswith("test_loss")]
    assert [float(word) for word in line.split()[1:]] == pytest.approx(
        [found[k] for k in ("mean", "std", "min", "max")], rel=1e-3
    )


def test_an_interrupted_repeat_goes_on_with_the_seeds_that_are_not_finished(tmp_path, monkeypatch):
    whole = plan(tmp_path / "whole", seeds=3)
    expected = whole.perform()
    cut = plan(tmp_path / "cut", seeds=3)
    folder = cut.run.folder.path
    began = line_fit.StopAt.on_step_end

    def in_the_second_seed(self, trainer):
        if (folder / "seed-1").is_dir() and trainer.step == 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(line_fit.StopAt, "on_step_end", in_the_second_seed)
    with pytest.raises(KeyboardInterrupt):
        cut.perform()
    monkeypatch.setattr(line_fit.StopAt, "on_step_end", began)
    assert sorted(path.name for path in folder.glob("seed-*")) == ["seed-0", "seed-1"]
    first = (folder / "seed-0" / "summary.json").stat().st_mtime_ns
    summary = plan(tmp_path / "cut", resumed=True).perform()
    assert summary["folder"] == str(folder)
    assert (folder / "seed-0" / "summary.json").stat().st_mtime_ns == first
    assert summary["bands"] == expected["bands"]
    for seed in range(3):
        assert model(folder / f"seed-{seed}") == model(whole.run.folder.path / f"seed-{seed}")
    started = [json.loads((folder / f"seed-{seed}" / "run.json").read_text()) for seed in range(3)]
    assert ["resumed" in about for about in started] == [False, True, False]
    assert read_events(folder / "seed-2" / "events.jsonl")[0]["phase"] == "start"


def test_a_finished_repeat_can_be_trained_longer_also_in_two_goes(tmp_path, monkeypatch):
    first = plan(tmp_path, seeds=2)
    first.perform()
    folder = first.run.folder.path
    with pytest.raises(SettingError, match="is finished"):
        plan(tmp_path, str(folder), resumed=True)
    with pytest.raises(SettingError, match="seeds = 2 as in the run, found seeds = 4"):
        plan(tmp_path, str(folder), resumed=True, seeds=4)
    monkeypatch.setattr(line_fit.StopAt, "step", 18)
    with pytest.raises(KeyboardInterrupt):
        plan(tmp_path, str(folder), resumed=True, given={"epochs": "6"}).perform()
    monkeypatch.setattr(line_fit.StopAt, "step", None)
    plan(tmp_path, str(folder), resumed=True).perform()
    for seed in (0, 1):
        assert len((folder / f"seed-{seed}" / "metrics.jsonl").read_text().splitlines()) == 6


def test_a_repeat_is_not_asked_but_its_runs_are(tmp_path):
    repeated = plan(tmp_path, seeds=2)
    repeated.perform()
    folder = repeated.run.folder.path
    with pytest.raises(SettingError, match=r"the run of one seed, found one of 2 seeds.*seed-0"):
        evaluate(folder)
    assert evaluate(folder / "seed-1")["test_loss"] > 0


def test_data_that_are_missing_leave_no_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDL_OFFLINE", "1")
    monkeypatch.delenv("XDL_DATA_DIR", raising=False)
    with pytest.raises(DataError):
        plan(tmp_path / "runs", "mlp", seeds=2, data="mnist").perform()
    assert not (tmp_path / "runs").exists()


def test_the_command(tmp_path):
    shown = CliRunner().invoke(app, ["run", line_fit.NAME, "--seeds", "2", "--quick", "--json", "--out", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    summary = json.loads(shown.stdout)
    assert (summary["seeds"], summary["quick"]) == ([0, 1], True)
    assert CliRunner().invoke(app, ["run", line_fit.NAME, "--seeds", "0", "--out", str(tmp_path)]).exit_code == 2


def test_accuracies_on_a_test_set_have_wilsons_interval():
    summaries = [
        {"test_accuracy": a, "test_samples": 200, "trainings": [{"training": "with", "test accuracy": a}], "gap": 0.1}
        for a in (0.9, 0.94)
    ]
    found = bands_of(summaries)
    assert found["test_accuracy"]["interval"] == pytest.approx(wilson_interval(184, 200))
    assert found["trainings with test accuracy"]["interval"] == found["test_accuracy"]["interval"]
    assert "interval" not in found["gap"]
    assert found["gap"]["n"] == 2


def test_mean_and_range_of_curves_that_end_early():
    mean, low, high = mean_and_range([[1.0, 2.0, 3.0], [3.0, float("nan")]])
    np.testing.assert_array_equal(mean, [2.0, 2.0, 3.0])
    np.testing.assert_array_equal(low, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(high, [3.0, 2.0, 3.0])
    assert np.isnan(mean_and_range([[float("nan")]])[0]).all()


def test_bands_need_something_to_draw(tmp_path):
    for nothing in ({}, {"loss": {"validation": [[]]}}):
        with pytest.raises(DataError, match=r"plot\.bands"):
            bands(tmp_path / "a.png", nothing, "nothing")


def test_runs_with_seeds_of_their_own_do_not_share_any(tmp_path, without_figures):
    stream = io.StringIO()
    repeated = plan(tmp_path, "polynomial-degree", seeds=2, given={"seeds": "3"}, seed=5, stream=stream)
    assert repeated.run.about["seeds"] == [5, 8]


def test_the_ends_of_a_range_have_no_spread_and_what_does_not_vary_is_said(tmp_path, without_figures):
    rows = [{"training": "with", "gap": 0.2, "gap from": 0.1, "gap to": 0.3}]
    assert list(bands_of([{"trainings": rows}] * 2)) == ["trainings with gap"]
    stream = io.StringIO()
    plan(tmp_path, "graph", seeds=2, stream=stream).perform()
    assert "no result varies: all " in stream.getvalue()
    assert "95 % interval" not in stream.getvalue()
