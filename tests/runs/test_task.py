"""Another kind of model than classifiers of images goes through all commands, and nothing in xdl/runs knows it."""

import io
import json

import pytest
from typer.testing import CliRunner

from tests.house.source import imports, modules
from tests.runs import line_fit
from xdl.cli.app import app
from xdl.errors import CheckpointError, DataError, SettingError
from xdl.experiments import EXPERIMENTS
from xdl.runs.compare import compare
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.repeat import prepare
from xdl.runs.start import RunRequest


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    line_fit.registered(monkeypatch)


def run(out, target=line_fit.NAME, resumed=False, seed=None, **given):
    text = {name: str(value) for name, value in given.items()}
    plan = prepare(target, RunRequest(text, seed=seed), resumed=resumed, out=out, stream=io.StringIO())
    return plan.run.folder.path, plan.perform()


def command(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_eval_and_predict_ask_the_task(tmp_path):
    folder, summary = run(tmp_path, epochs=80)
    assert evaluate(folder)["test_loss"] == pytest.approx(summary["test_loss"])
    predicted = predict(folder, ["0", "1"], {"places": "1"})["line"]
    assert predicted == [{"x": 0.0, "y": pytest.approx(1, abs=0.11)}, {"x": 1.0, "y": pytest.approx(3, abs=0.11)}]
    shown = command("predict", folder, "0.5", "--set", "places=0")
    assert (shown.exit_code, shown.stdout) == (0, "0.5 -> 2.0\n")
    assert f"test_loss: {evaluate(folder)['test_loss']}" in command("eval", folder).stdout


def test_inputs_and_options_are_refused_by_the_task(tmp_path):
    folder, _ = run(tmp_path, epochs=1)
    with pytest.raises(DataError, match="a number, found 'one'"):
        predict(folder, ["one"])
    with pytest.raises(SettingError, match="'top'"):
        predict(folder, ["1"], {"top": "2"})
    refused = command("predict", folder, "1", "--top", "2").exception
    assert str(refused).startswith("--top: expected a setting of this experiment, found 'top'")
    with pytest.raises(SettingError, match="at most 6, found 7"):
        predict(folder, ["1"], {"places": "7"})
    (folder / "line.json").unlink()
    with pytest.raises(SettingError, match=r"no line\.json in it.*--resume"):
        evaluate(folder)
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(CheckpointError, match=r"Remove .* go on with it"):
        predict(folder, ["1"])


def test_a_run_that_was_interrupted_goes_on_bit_for_bit(tmp_path, monkeypatch):
    whole, summary = run(tmp_path / "whole", seed=3)
    monkeypatch.setattr(line_fit.StopAt, "step", 8)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", seed=3)
    monkeypatch.setattr(line_fit.StopAt, "step", None)
    folder, resumed = run(tmp_path / "cut", resumed=True)
    assert resumed["test_loss"] == summary["test_loss"]
    assert (folder / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


def test_measures_on_another_set_carry_a_warning(tmp_path, monkeypatch):
    line_fit.registered(monkeypatch, data=("line", "other"))
    folder, _ = run(tmp_path, epochs=1)
    assert "warning" not in evaluate(folder)
    assert "warning" not in evaluate(folder, "line")
    assert "trained on line" in evaluate(folder, "other")["warning"]
    ended = command("eval", folder, "--data", "other", "--json")
    assert ended.stderr.startswith("xdl: warning: the model was trained on line")
    assert "warning" in json.loads(ended.stdout)
    for_people = command("eval", folder, "--data", "other")
    assert (for_people.stdout + for_people.stderr).count("not the run's own results") == 1


def test_measures_on_a_set_that_is_none_are_refused(tmp_path, monkeypatch):
    line_fit.registered(monkeypatch, data=("line", "other"))
    folder, _ = run(tmp_path, epochs=1)
    with pytest.raises(
        SettingError, match=r"xdl eval .* --data: expected a data set that it takes, found 'othr'.*'other'"
    ):
        evaluate(folder, "othr")
    line_fit.registered(monkeypatch)
    folder, _ = run(tmp_path / "own", epochs=1)
    with pytest.raises(SettingError, match="Leave --data out: line-fit makes its own data"):
        evaluate(folder, "other")


def test_the_task_says_what_a_resume_may_change(tmp_path):
    folder, _ = run(tmp_path, epochs=2)
    with pytest.raises(SettingError, match=r"lr = 0\.1 as in the run, found lr = 0\.2"):
        run(tmp_path, str(folder), resumed=True, lr=0.2)
    with pytest.raises(SettingError, match="seed = 0 as in the run, found seed = 1"):
        run(tmp_path, str(folder), resumed=True, seed=1)
    run(tmp_path, str(folder), resumed=True, epochs=3)
    assert len((folder / "metrics.jsonl").read_text().splitlines()) == 3


def test_a_resume_with_seed_0_is_no_resume_without_one(tmp_path):
    folder, _ = run(tmp_path, epochs=1, seed=3)
    with pytest.raises(SettingError, match="seed = 3 as in the run, found seed = 0"):
        run(tmp_path, str(folder), resumed=True, seed=0, epochs=2)


def test_compare_shows_the_measures_of_the_task_and_which_run_is_best(tmp_path):
    short, long = run(tmp_path, epochs=1)[0], run(tmp_path, epochs=20)[0]
    compared = compare([short, long], tmp_path / "both.png")
    assert (tmp_path / "both.png").read_bytes().startswith(b"\x89PNG")
    worse, better = (row["test_loss"] for row in compared["runs"])
    assert better < worse
    assert "test_accuracy" not in compared["runs"][0]
    assert compared["best"] == dict.fromkeys(line_fit.TASK.measures, compared["runs"][1]["run"])
    shown = command("compare", short, long, "--out", tmp_path / "both.png").stdout
    assert f"best test_loss: {compared['best']['test_loss']}" in shown


def test_of_equal_runs_none_is_called_the_best_alone(tmp_path):
    compared = compare([run(tmp_path, epochs=1)[0] for _ in range(2)], tmp_path / "both.png")
    assert compared["best"]["test_loss"] == " and ".join(row["run"] for row in compared["runs"])


def test_best_may_be_the_largest(tmp_path, monkeypatch):
    monkeypatch.setattr(line_fit.TASK, "measures", {"test_loss": "max"}, raising=False)
    folders = [run(tmp_path, epochs=epochs)[0] for epochs in (1, 20)]
    compared = compare(folders, tmp_path / "both.png")
    assert compared["best"] == {"test_loss": compared["runs"][0]["run"]}


def test_runs_of_an_experiment_without_a_task_say_so(tmp_path):
    folder, _ = run(tmp_path, "forward-by-hand")
    for ask in (lambda: evaluate(folder), lambda: predict(folder, ["a.png"])):
        with pytest.raises(SettingError, match=r"a classifier of images, found forward-by-hand"):
            ask()


@pytest.mark.parametrize("experiment", [e for e in EXPERIMENTS.values() if e.part != line_fit.PART], ids=str)
def test_a_task_has_what_runs_ask_for(experiment):
    task = getattr(experiment.load(), "TASK", None)
    if task is not None:
        assert set(task.measures.values()) <= {"min", "max"}
        assert task.options()
        assert set(task.may_change(experiment.load().Settings())) <= {"epochs"}


def test_runs_know_nothing_of_images():
    names = [name for name in modules() if name.startswith("xdl.runs.")]
    assert len(names) > 10
    assert [(name, i.module) for name in names for i in imports(name) if i.module.startswith("xdl.data")] == []
    text = {name: modules()[name].read_text() for name in names}
    assert [name for name in names if "images.json" in text[name] or "image_shape" in text[name]] == []


def test_the_files_of_a_task_are_written_by_its_experiment(tmp_path):
    folder, summary = run(tmp_path, epochs=1)
    assert "line.json" in summary["files"]
    assert not (folder / "images.json").exists()
    assert json.loads((folder / "line.json").read_text()) == {"slope": 2.0}
