"""Runs that are ended from outside, and go on: processes that are really killed."""

import json
import signal

import pytest

from tests.cli.command import killed, refused
from tests.cli.command import xdl as command
from tests.cli.in_process import xdl as here
from xdl.io.claim import claimed
from xdl.runs.start import Plan
from xdl.train import load_state

SETTINGS = ("--epochs", "5", "--seed", "3", "--set", "dropout=0.2", "--set", "schedule=exponential")
TIMED = ("seconds", "train_samples_per_second")


def xdl(*arguments, cwd):
    """Without figures: they take longer than these trainings."""
    return command(*arguments, cwd=cwd, figures=False)


def run_folder(root, experiment="mlp"):
    (folder,) = (root / "runs" / experiment).iterdir()
    return folder


def measures(folder):
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in TIMED} for line in lines]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of the run that nobody interrupted."""
    root = tmp_path_factory.mktemp("whole")
    assert xdl("run", "mlp", *SETTINGS, cwd=root).returncode == 0
    return run_folder(root)


@pytest.mark.parametrize("line", [("run", "mlp"), ("tune", "mlp", "--set", "lr=log(0.001, 0.1)")], ids=" ".join)
def test_an_interrupt_outside_of_the_steps_is_told_too(tmp_path, monkeypatch, line):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Plan, "perform", interrupted)
    ended = here(*line, cwd=tmp_path)
    assert ended.code == 130
    assert ended.errors.startswith("xdl: interrupted. Go on with: xdl ")


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda by: by.name)
def test_a_run_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(tmp_path, whole, by):
    code, errors = killed("run", "mlp", *SETTINGS, cwd=tmp_path, by=by, after="epoch 2/5")
    folder = run_folder(tmp_path)
    assert code == {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[by]
    assert not (folder / "summary.json").exists()
    if by != signal.SIGKILL:
        step = load_state(folder / "last.safetensors")["progress"]["step"]
        command = f"xdl run runs/mlp/{folder.name} --resume"
        assert errors == f"xdl: {by.name} after step {step}. Go on with: {command}\n"

    result = xdl("run", "mlp", "--resume", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout)
    assert "goes on after step" in result.stderr
    assert run_folder(tmp_path) == folder
    assert measures(folder) == measures(whole)
    assert (folder / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    expected = json.loads((whole / "summary.json").read_text())
    assert summary["test_loss"] == expected["test_loss"]
    assert summary["settings"] == expected["settings"]
    assert len(summary["resumed"]) == 1


def test_trainings_side_by_side_resume_too(tmp_path):
    settings = ("--epochs", "12", "--set", "samples=150", "--set", "seeds=2")
    assert xdl("run", "mlp-dropout", *settings, "--out", "whole", cwd=tmp_path).returncode == 0
    killed("run", "mlp-dropout", *settings, cwd=tmp_path, by=signal.SIGTERM, after="with dropout, seed 1")
    folder = run_folder(tmp_path, "mlp-dropout")
    assert not (folder / "summary.json").exists()
    result = xdl("run", folder.relative_to(tmp_path), "--resume", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "with 12 epochs done" in result.stdout
    (other,) = (tmp_path / "whole" / "mlp-dropout").iterdir()
    for part in ("without-dropout", "with-dropout", "without-dropout-again-1", "with-dropout-again-1"):
        assert measures(folder / part) == measures(other / part)
    assert (folder / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--set", "lr=0.5"), ("lr = 0.001 as in the run", "found lr = 0.5", "without --resume")),
        (("--set", "hidden=7", "--seed", "9"), ("hidden = 200,100, seed = 3", "hidden = 7, seed = 9")),
        (("--data", "mnist"), ("data = digits", "data = mnist")),
        ((), ("is finished", "--epochs")),
    ],
)
def test_what_cannot_change_is_refused_with_both_values(whole, arguments, parts):
    before = {path: path.read_bytes() for path in whole.glob("*.json")}
    refused(xdl("run", whole, "--resume", *arguments, cwd=whole.parent), *parts)
    assert {path: path.read_bytes() for path in whole.glob("*.json")} == before


def test_a_finished_run_can_be_trained_longer(tmp_path):
    assert xdl("run", "mlp", "--epochs", "2", cwd=tmp_path).returncode == 0
    assert xdl("run", "mlp", "--epochs", "4", "--out", "whole", cwd=tmp_path).returncode == 0
    folder = run_folder(tmp_path)
    result = xdl("run", folder, "--resume", "--epochs", "4", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (other,) = (tmp_path / "whole" / "mlp").iterdir()
    assert measures(folder) == measures(other)
    assert json.loads((folder / "run.json").read_text())["settings"]["epochs"] == 4


def test_a_schedule_over_all_epochs_keeps_their_number(tmp_path):
    assert xdl("run", "mlp", "--epochs", "2", "--set", "schedule=cosine", cwd=tmp_path).returncode == 0
    result = xdl("run", run_folder(tmp_path), "--resume", "--epochs", "4", cwd=tmp_path)
    refused(result, "epochs = 2 as in the run", "found epochs = 4")


def test_where_there_is_nothing_to_resume(tmp_path, whole):
    refused(xdl("run", "lenet", "--resume", cwd=tmp_path), "an unfinished run of lenet in runs", "xdl run lenet")
    refused(
        xdl("run", "mlp", "--resume", "--out", whole.parent.parent, cwd=tmp_path), "1 run that is finished or running"
    )
    refused(xdl("run", "somewhere", "--resume", cwd=tmp_path), "somewhere/run.json", "xdl run makes them")
    (tmp_path / "run.json").write_text("{")
    refused(xdl("run", ".", "--resume", cwd=tmp_path), "run.json", "a JSON file that xdl has written")


def test_a_damaged_checkpoint_is_refused_and_nothing_is_lost(tmp_path):
    killed("run", "mlp", *SETTINGS, cwd=tmp_path, by=signal.SIGTERM, after="epoch 2/5")
    folder = run_folder(tmp_path)
    content = bytearray((folder / "last.safetensors").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "last.safetensors").write_bytes(content)
    result = xdl("run", "mlp", "--resume", cwd=tmp_path)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "last.safetensors" in result.stderr
    assert f"Copy {folder.relative_to(tmp_path) / 'best.safetensors'} over it" in result.stderr
    assert (folder / "last.safetensors").read_bytes() == bytes(content)
    assert len(measures(folder)) == 2
    (folder / "last.safetensors").write_bytes((folder / "best.safetensors").read_bytes())
    assert xdl("run", "mlp", "--resume", cwd=tmp_path).returncode == 0
    assert len(measures(folder)) == 5


def test_a_run_that_is_running_is_left_alone(tmp_path):
    killed("run", "mlp", *SETTINGS, cwd=tmp_path, by=signal.SIGTERM, after="epoch 2/5")
    folder = run_folder(tmp_path)
    before = (folder / "run.json").read_bytes()
    with claimed(folder):
        refused(xdl("run", folder, "--resume", cwd=tmp_path), str(folder), "one that is running")
        refused(xdl("run", "mlp", "--resume", cwd=tmp_path), "1 run that is finished or running")
    assert (folder / "run.json").read_bytes() == before
    assert xdl("run", "mlp", "--resume", cwd=tmp_path).returncode == 0


def test_fewer_epochs_than_are_done_are_refused_and_a_run_that_was_stopped_says_so(tmp_path):
    assert xdl("run", "mlp", "--epochs", "40", "--set", "patience=1", cwd=tmp_path).returncode == 0
    folder = run_folder(tmp_path)
    done = len(measures(folder))
    refused(xdl("run", folder, "--resume", "--epochs", "1", cwd=tmp_path), f"epochs >= {done}, which are done, found 1")
    result = xdl("run", folder, "--resume", "--epochs", "50", cwd=tmp_path)
    assert f"with {done} epochs done, where it was stopped early" in result.stdout
