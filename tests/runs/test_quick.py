"""xdl run --quick: settings of every experiment for a run of at most 10 seconds."""

import io
import json
import resource
import time

import pytest

import xdl
from tests.runs import line_fit
from xdl.errors import SettingError
from xdl.experiments import EXPERIMENTS
from xdl.plot.figure import new_figure
from xdl.runs.settings import make
from xdl.runs.start import RunRequest, presets, quick_settings, start

LIMIT = 10.0  # seconds with two threads


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=str)
def test_every_experiment_has_valid_quick_settings(experiment):
    quick = quick_settings(experiment)
    kind = experiment.load().Settings
    for data in experiment.data or (None,):
        settings = make(kind, presets(experiment, data), quick)
        assert {name: getattr(settings, name) for name in quick} == quick


def test_quick_comes_before_the_defaults_and_after_what_is_asked_for(tmp_path, monkeypatch):
    line_fit.registered(monkeypatch)
    request = RunRequest({"slope": "3"}, quick=True)
    plan = start(line_fit.NAME, request, out=tmp_path, stream=io.StringIO())
    about = json.loads((plan.run.folder.path / "run.json").read_text())
    assert about["quick"] is True
    assert about["settings"] == {"epochs": 1, "slope": 3.0, "lr": 0.1}
    assert plan.perform()["quick"] is True
    named = start(line_fit.NAME, RunRequest({"epochs": "2"}, quick=True), out=tmp_path, stream=io.StringIO())
    assert named.settings.epochs == 2
    usual = start(line_fit.NAME, RunRequest({}), out=tmp_path, stream=io.StringIO())
    assert (usual.settings.epochs, usual.run.about["quick"]) == (4, False)


@pytest.mark.parametrize(
    ("quick", "message"),
    [
        ({"epoch": 1}, "QUICK of line-fit: .*'epoch'. Did you mean 'epochs'"),
        ({"epochs": 0}, "QUICK of line-fit epochs: .*at least 1, found 0"),
        ({"lr": "fast"}, "QUICK of line-fit lr: expected a number, found 'fast'"),
        (None, "settings QUICK, found none"),
    ],
)
def test_wrong_quick_settings_are_refused(tmp_path, monkeypatch, quick, message):
    module = line_fit.registered(monkeypatch)
    monkeypatch.delattr(module, "QUICK")
    if quick is not None:
        monkeypatch.setattr(module, "QUICK", quick, raising=False)
    with pytest.raises(SettingError, match=message):
        start(line_fit.NAME, RunRequest({}, quick=True), out=tmp_path, stream=io.StringIO())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_quick_run_takes_at_most_10_seconds(tmp_path, name):
    """Import not counted. Time of the processor on one thread stands for it where others use the machine."""
    xdl.set_num_threads(1)
    EXPERIMENTS[name].load()
    new_figure(1, 1)  # loads matplotlib
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    summary = start(name, RunRequest({}, quick=True), out=tmp_path, stream=io.StringIO()).perform()
    wall = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert min(wall, used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime) <= LIMIT
    assert summary["quick"]


def test_a_quick_run_says_that_it_is_short_unless_it_is_the_whole(tmp_path, monkeypatch):
    module, said = line_fit.registered(monkeypatch), []
    for quick, values in ((True, {"epochs": 1}), (False, {"epochs": 1}), (True, {})):
        monkeypatch.setattr(module, "QUICK", values)
        stream = io.StringIO()
        start(line_fit.NAME, RunRequest({"epochs": "1"}, quick=quick), out=tmp_path, stream=stream).perform()
        said.append([line for line in stream.getvalue().splitlines() if line.startswith("quick: too short")])
    assert [len(lines) for lines in said] == [1, 0, 0]


def test_an_experiment_ends_in_a_number(tmp_path, monkeypatch):
    module = line_fit.registered(monkeypatch)
    monkeypatch.setattr(module, "run", lambda *_: {"note": "fine", "models": [{"model": "a", "good": True}]})
    with pytest.raises(SettingError, match="results of line-fit: expected at least one number"):
        start(line_fit.NAME, RunRequest({}), out=tmp_path, stream=io.StringIO()).perform()
