"""No run and no evaluation ends as a success with values in it that are not finite."""

import io
import json
from math import inf, nan

import pytest
from typer.testing import CliRunner

from tests.runs import line_fit
from xdl import nn
from xdl.cli.app import app
from xdl.errors import NonFiniteError
from xdl.io.run_folder import RunFolder
from xdl.runs.evaluate import evaluate
from xdl.runs.repeat import prepare
from xdl.runs.saved_run import read_run
from xdl.runs.start import RunRequest
from xdl.runs.statistics import check_finite


@pytest.fixture
def experiment(monkeypatch):
    """The module of an experiment, whose `run` a test replaces."""
    return line_fit.registered(monkeypatch)


def prepared(out, seeds=None):
    return prepare(line_fit.NAME, RunRequest({}, seeds=seeds), resumed=False, out=out, stream=io.StringIO())


def phases(folder):
    return [json.loads(line)["phase"] for line in (folder / "events.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("results", "name"),
    [
        ({"test_loss": nan}, "test_loss"),
        ({"test_loss": 0.1, "losses": [0.5, inf]}, r"losses\[1\]"),
        ({"models": [{"model": "linear", "loss": -inf}]}, r"models\[0\] loss"),
        ({"seconds": {"xdl": (1.0, nan)}}, r"seconds xdl\[1\]"),
    ],
)
@pytest.mark.parametrize("seeds", [None, 2])
def test_a_run_with_such_a_result_has_failed(tmp_path, experiment, results, name, seeds):
    experiment.run = lambda *_: results
    plan = prepared(tmp_path, seeds)
    with pytest.raises(NonFiniteError, match=f"results of line-fit: expected a finite {name}, found -?(nan|inf)"):
        plan.perform()
    folder = plan.run.folder.path
    assert not read_run(folder).finished
    assert phases(folder)[-1] == "failed"


def test_the_command_says_so_in_a_line(tmp_path, experiment):
    experiment.run = lambda *_: {"test_loss": nan}
    shown = CliRunner().invoke(app, ["run", line_fit.NAME, "--out", str(tmp_path)])
    assert shown.exit_code != 0
    assert isinstance(shown.exception, NonFiniteError)


def test_none_stands_for_what_is_missing(tmp_path, experiment):
    experiment.run = lambda *_: {"test_loss": None, "name": "nan", "rows": [(1, None)], "steps": 1}
    assert prepared(tmp_path).perform()["test_loss"] is None


def test_an_evaluation_is_finite(tmp_path, experiment, monkeypatch):
    plan = prepared(tmp_path)
    plan.perform()
    assert evaluate(plan.run.folder.path)["test_loss"] > 0
    monkeypatch.setattr(line_fit.Line, "evaluate", lambda *_: {"test_loss": nan})
    with pytest.raises(NonFiniteError, match="xdl eval: expected a finite test_loss, found nan"):
        evaluate(plan.run.folder.path)


@pytest.mark.parametrize("value", [nan, inf])
def test_a_model_that_went_astray_is_not_the_model_of_a_run(tmp_path, value):
    model, folder = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), RunFolder(tmp_path, "some")
    weight = model[1].weight.numpy().copy()
    weight[0, 2] = value
    folder.save_model(model, {})
    model.load_state_dict({**model.state_dict(), "1.weight": weight})
    before = (folder.path / "model.safetensors").read_bytes()
    with pytest.raises(NonFiniteError, match=r"a model of finite values in 1\.weight"):
        folder.save_model(model, {})
    assert (folder.path / "model.safetensors").read_bytes() == before


def test_numbers_of_any_size_are_finite():
    check_finite("test", {"n": 10**400, "words": "inf", "flag": True, "empty": []})
