"""The files of a run with any part of them replaced: commands give a result or one documented error, and soon."""

import io
import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.damage import refused_or_done, replaced
from xdl import plot
from xdl.data import load_digits
from xdl.errors import XdlError
from xdl.experiments import find
from xdl.io import RunFolder
from xdl.runs import compare, evaluate, events, predict, repeat, resume, saved_run
from xdl.runs.start import RunRequest
from xdl.train import EventStream

NAME = "softmax-regression"
RESULTS = {"test_loss": 0.5, "test_accuracy": 0.9, "parameters": 650, "seconds": 1.5, "test_samples": 359}
RECORD = {"epoch": 1, "train_loss": 0.5, "validation_loss": 0.6, "validation_accuracy": 0.9, "seconds": 0.1}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a run that is finished, made without a training."""
    digits, path = load_digits(), tmp_path_factory.mktemp("run") / "run"
    module = find(NAME).load()
    settings = module.Settings()
    folder = RunFolder.at(path)
    about = {"experiment": NAME, "settings": {"lr": 0.1, "epochs": 3}, "quick": False, "seed": 0, "data": "digits"}
    about |= {"backend": "numpy", "versions": {"numpy": np.__version__}, "resumed": []}
    pixels = digits.train.arrays[0]
    form = {"shape": list(digits.image_shape), "class_names": list(digits.class_names)}
    folder.write_json("run.json", about)
    folder.write_json("images.json", form | {"range": [float(pixels.min()), float(pixels.max())]})
    folder.write_json("summary.json", about | RESULTS)
    (path / "metrics.jsonl").write_text(f"{json.dumps(RECORD)}\n" * 2)
    model = module.TASK.build(settings, digits.image_shape, len(digits.class_names))
    folder.save_model(model, {"experiment": NAME})
    EventStream(path / "events.jsonl").write("end", {"test_loss": 0.5}, figure="curves")
    np.save(path / "one.npy", pixels[0, 0])
    return path


def resumed(path):
    resume.resume(saved_run.read_run(path), RunRequest({}), stream=io.StringIO())


def longer(path):
    resume.resume(saved_run.read_run(path), RunRequest({"epochs": "9"}), stream=io.StringIO())


def bands(path):
    summary = saved_run.read_run(path).summary()
    repeat.bands_of([summary, summary])
    repeat._line(summary)


COMMANDS = {
    "eval": (evaluate.evaluate, ["run.json", "images.json"]),
    "predict": (lambda path: predict.predict(path, [str(path / "one.npy")]), ["run.json", "images.json"]),
    "compare": (None, ["run.json", "summary.json", "metrics.jsonl"]),
    "resume": (resumed, ["run.json"]),
    "resume with more epochs": (longer, ["run.json", "metrics.jsonl"]),
    "several seeds": (bands, ["summary.json"]),
    "follow": (lambda path: list(events.follow(path)), ["events.jsonl"]),
}
CASES = [(command, file) for command, (_, files) in COMMANDS.items() for file in files]


def tries(whole, path, monkeypatch, command, file, count):
    monkeypatch.setattr(plot, "draw", lambda *_: None)
    monkeypatch.setattr(events, "SILENCE", 0.0)
    monkeypatch.setattr(events, "PAUSE", 0.0)
    shutil.copytree(whole, path)
    run = COMMANDS[command][0] or (lambda path: compare.compare([whole, path], path / "a.png"))
    assert refused_or_done(lambda: run(path), XdlError) is None or command == "resume"
    text = (whole / file).read_text()
    content = [json.loads(line) for line in text.splitlines()] if file.endswith("l") else json.loads(text)

    @given(data=st.data())
    @settings(max_examples=count, deadline=None, database=None)
    def attempt(data):
        for name in ("run.json", "summary.json"):  # which a resume changes
            shutil.copy(whole / name, path / name)
        if file.endswith("l"):
            lines = [json.dumps(line) for line in content]
            lines[-1] = replaced(content[-1], data)
            (path / file).write_text("\n".join(lines) + "\n")
        else:
            (path / file).write_text(replaced(content, data))
        refused_or_done(lambda: run(path), XdlError)

    attempt()


@pytest.mark.parametrize(("command", "file"), CASES)
def test_any_part_replaced(whole, tmp_path, monkeypatch, command, file):
    tries(whole, tmp_path / "run", monkeypatch, command, file, 25)


@pytest.mark.slow
@pytest.mark.parametrize(("command", "file"), CASES)
def test_any_part_replaced_many_times(whole, tmp_path, monkeypatch, command, file):
    tries(whole, tmp_path / "run", monkeypatch, command, file, 300)
