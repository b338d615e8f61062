"""Runs whose files lost their tails when the power failed, or that nan has ended: what goes on, and what is said."""

import io
import json

import pytest

import xdl
from tests.runs import line_fit
from xdl.errors import CheckpointError, NonFiniteError, SettingError
from xdl.experiments.shared.fit import last_checkpoint
from xdl.runs.compare import compare
from xdl.runs.evaluate import evaluate
from xdl.runs.predict import predict
from xdl.runs.repeat import prepare
from xdl.runs.resume import find_run
from xdl.runs.saved_run import read_run
from xdl.runs.start import RunRequest
from xdl.train import EventStream, read_events, save_state

DAMAGES = {
    "cut": lambda content: content[: len(content) * 2 // 3],
    "a tail of zeros": lambda content: content[: len(content) * 2 // 3] + bytes(len(content) // 3),
    "zeros after its end": lambda content: content + bytes(100),
    "empty": lambda content: b"",  # noqa: ARG005
    "zeros": lambda content: bytes(len(content)),
    "no UTF-8": lambda content: content[:-9] + b"\xff\xfe\n",
    "deep": lambda content: b"[" * 100_000 + b"\n" + content,
}
FILES = ("run.json", "metrics.jsonl", "events.jsonl", "summary.json")


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    line_fit.registered(monkeypatch)
    xdl.set_num_threads(1)


def plan(out, target=line_fit.NAME, resumed=False, **given):
    text = {name: str(value) for name, value in given.items()}
    return prepare(str(target), RunRequest(text), resumed=resumed, out=out, stream=io.StringIO())


def cut(out, monkeypatch):
    """The folder of a run that was broken off after step 8; its last checkpoint is of step 6."""
    made = plan(out)
    monkeypatch.setattr(line_fit.StopAt, "step", 8)
    with pytest.raises(KeyboardInterrupt):
        made.perform()
    monkeypatch.setattr(line_fit.StopAt, "step", None)
    return made.run.folder.path


def left(folder):
    """What a run has left: its weights, its measures without times, and the steps that its events tell of."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_bytes().splitlines()]
    measures = [{name: value for name, value in line.items() if "second" not in name} for line in lines]
    return (folder / "model.safetensors").read_bytes(), measures


def told(folder):
    events = read_events(folder / "events.jsonl")
    return [(event["phase"], event["step"]) for event in events if event["phase"] in ("train", "validation")]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_does_not_keep_a_run_from_going_on(tmp_path, monkeypatch, name, damage):
    whole = plan(tmp_path / "whole")
    whole.perform()
    folder = cut(tmp_path / "cut", monkeypatch)
    path = folder / name
    content = path.read_bytes() if path.is_file() else (whole.run.folder.path / name).read_bytes()
    path.write_bytes(DAMAGES[damage](content))
    again = plan(tmp_path / "cut", resumed=True)
    again.perform()
    assert again.run.folder.path == folder
    assert left(folder) == left(whole.run.folder.path)
    assert read_run(folder).finished
    assert len(set(told(folder))) == len(told(folder))
    if name == "run.json":
        assert "run.json was damaged: taken from a checkpoint" in again.run.stream.getvalue()


def test_without_a_checkpoint_a_lost_run_json_is_said_to_be_the_end(tmp_path, monkeypatch):
    older = cut(tmp_path, monkeypatch)
    folder = cut(tmp_path, monkeypatch)
    (folder / "run.json").write_bytes(bytes(99))
    with pytest.raises(SettingError, match=f"To go on writes it anew: xdl run {folder} --resume"):
        read_run(folder)
    (folder / "last.safetensors").unlink()
    for read in (read_run, lambda path: find_run(str(path), tmp_path)):
        with pytest.raises(SettingError, match=f"start a new one, and remove {folder}"):
            read(folder)
    again = plan(tmp_path, resumed=True)  # it does not stand in the way of others
    assert again.run.folder.path == older
    assert f"passed over {folder}" in again.run.stream.getvalue()
    (older / "run.json").write_bytes(b"")
    (older / "last.safetensors").unlink()
    with pytest.raises(SettingError, match=f"passed over {older}.*remove {older}"):
        plan(tmp_path, resumed=True)


def test_a_damaged_run_json_of_one_seed_is_written_anew(tmp_path, monkeypatch):
    request = RunRequest({}, seeds=2)
    made = prepare(line_fit.NAME, request, resumed=False, out=tmp_path, stream=io.StringIO())
    monkeypatch.setattr(line_fit.StopAt, "step", 8)
    with pytest.raises(KeyboardInterrupt):
        made.perform()
    monkeypatch.setattr(line_fit.StopAt, "step", None)
    (made.run.folder.path / "seed-0" / "run.json").write_bytes(b"{")
    plan(tmp_path, resumed=True).perform()
    whole = plan(tmp_path / "whole")
    whole.perform()
    assert left(made.run.folder.path / "seed-0") == left(whole.run.folder.path)


def test_a_run_that_nan_has_ended_is_not_gone_on_with_unless_it_is_named(tmp_path, monkeypatch):
    older = cut(tmp_path, monkeypatch)
    bad = plan(tmp_path, lr=1e30)
    with pytest.raises(NonFiniteError), pytest.warns(RuntimeWarning):
        bad.perform()
    folder = bad.run.folder.path
    assert "a finite loss" in read_run(folder).astray
    again = plan(tmp_path, resumed=True)
    assert again.run.folder.path == older
    assert f"passed over {folder}, which has ended so: " in again.run.stream.getvalue()
    assert f"xdl run {folder} --resume" in again.run.stream.getvalue()
    again.perform()
    with pytest.raises(SettingError, match=f"1 run that is finished or running; passed over {folder}"):
        plan(tmp_path, resumed=True)
    named = plan(tmp_path, folder, resumed=True)
    assert "this run has ended so: Trainer.fit: expected a finite loss" in named.run.stream.getvalue()
    with pytest.raises(NonFiniteError), pytest.warns(RuntimeWarning):
        named.perform()


def test_what_is_asked_of_a_run_that_nan_has_ended_is_answered_with_its_end(tmp_path):
    bad = plan(tmp_path, lr=1e30)
    with pytest.raises(NonFiniteError), pytest.warns(RuntimeWarning):
        bad.perform()
    for ask in (lambda folder: predict(folder, ["1"]), evaluate):
        with pytest.raises(SettingError, match="as the training has ended so: Trainer") as found:
            ask(bad.run.folder.path)
        assert "--resume" not in str(found.value)
        assert found.value.hint == "A resume would end so again: start a new run with other settings"


def test_a_run_that_collapsed_is_passed_over_as_one_that_nan_has_ended(tmp_path, monkeypatch):
    older = cut(tmp_path, monkeypatch)
    folder = cut(tmp_path, monkeypatch)
    assert plan(tmp_path, resumed=True).run.folder.path == folder
    EventStream(folder / EventStream.name).write("failed", error="modes 2 after epoch 3", kind="CollapseError")
    again = plan(tmp_path, resumed=True)
    assert again.run.folder.path == older
    assert f"passed over {folder}, which has ended so: modes 2 after epoch 3" in again.run.stream.getvalue()


@pytest.mark.parametrize("kind", ["NonFiniteError", "CollapseError"])
def test_comparisons_name_what_nan_has_ended_and_never_call_it_the_best(tmp_path, kind):
    pytest.importorskip("matplotlib")
    folders = []
    for lr in (0.1, 0.2, 0.3):
        made = plan(tmp_path, lr=lr)
        made.perform()
        folders.append(made.run.folder.path)
    (folders[0] / "summary.json").unlink()
    line = json.dumps({"time": 4e9, "step": 9, "phase": "failed", "measures": {}, "error": "nan at step 9"})
    with open(folders[0] / "events.jsonl", "a") as file:
        file.write(line.replace("}}", "}").replace('9"}', f'9", "kind": "{kind}"}}') + "\n")
    metrics = folders[0] / "metrics.jsonl"
    metrics.write_text(metrics.read_text().replace('"validation_loss": ', '"validation_loss": 1e-99, "was": '))
    found = compare(folders, tmp_path / "figure.png")
    assert [run["ended"] for run in found["runs"]] == ["nan at step 9", "finished", "finished"]
    assert found["runs"][0]["run"] not in found["best"].values()


def test_a_damaged_checkpoint_is_refused_with_a_way_that_exists(tmp_path):
    last = tmp_path / "last.safetensors"
    last.write_bytes(b"zeros")
    with pytest.raises(CheckpointError, match="Remove it to begin anew: the run ends as it would have"):
        last_checkpoint(last)
    save_state(tmp_path / "best.safetensors", {})
    with pytest.raises(CheckpointError, match=r"Copy .*best\.safetensors over it"):
        last_checkpoint(last)
