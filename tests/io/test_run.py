"""What a run leaves behind, and what it says on the way."""

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from xdl import nn
from xdl.errors import SettingError
from xdl.train import Progress, RunFolder
from xdl.train.callbacks.progress import epoch_line

RECORD = {
    "epoch": 3,
    "train_loss": 0.21904,
    "train_accuracy": 0.93361,
    "train_samples_per_second": 6120.4,
    "validation_loss": 0.3,
    "lr": 0.001,
    "step": 63,
    "seconds": 1.25,
}


def test_two_runs_in_one_second_do_not_collide(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: RunFolder(tmp_path, "lenet").path, range(24)))
    assert len(set(folders)) == 24
    assert {folder.parent for folder in folders} == {tmp_path / "lenet"}
    assert all(folder.is_dir() for folder in folders)


@pytest.mark.parametrize("inside", ["", "deeper"])
def test_a_root_that_cannot_be_written_to_is_refused(tmp_path, inside):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match=r"can be written to at .*file.* Give a folder .* --out"):
        RunFolder(tmp_path / "file" / inside, "lenet")


def test_files_are_listed(tmp_path):
    folder = RunFolder(tmp_path, "test")
    folder.write_json("summary.json", {"name": "数", "value": 1.5})
    folder.save_model(nn.Linear(2, 2), {"seed": 0})
    folder.figure("curves", lambda path: (path.parent.mkdir(), path.write_bytes(b"png")))
    (folder.path / ".summary.json.part").touch()
    assert (
        folder.files == RunFolder.at(folder.path).files == ["figures/curves.png", "model.safetensors", "summary.json"]
    )
    assert all((folder.path / name).is_file() for name in folder.files)
    assert json.loads((folder.path / "summary.json").read_text()) == {"name": "数", "value": 1.5}


def test_json_without_nan(tmp_path):
    folder = RunFolder(tmp_path, "test")
    with pytest.raises(ValueError, match="not JSON compliant"):
        folder.write_json("summary.json", {"loss": float("nan")})
    assert os.listdir(folder.path) == folder.files == []


def test_an_epochs_line_names_every_measure():
    line = "epoch  3/10  train loss 0.2190 accuracy 0.9336 6120 samples/s  validation loss 0.3000  lr 0.001"
    assert epoch_line(RECORD, 10) == line


class Terminal(io.StringIO):
    def isatty(self):
        return True


def report(stream):
    """What Progress writes in one epoch of two, of four batches each."""
    progress, trainer = Progress(stream), SimpleNamespace(epoch=0, epochs=2, batch=0, batches=4, history=[])
    progress.on_fit_start(trainer)
    trainer.epoch, trainer.batch = 1, 2
    progress.on_log(trainer, {"loss": 0.5, "accuracy": 0.25, "samples_per_second": 99.6})
    trainer.history.append({**RECORD, "epoch": 1})
    progress.on_epoch_end(trainer, trainer.history[0])
    progress.on_fit_end(trainer)
    return stream.getvalue()


def test_a_stream_that_is_no_terminal_gets_one_plain_line_an_epoch():
    (line,) = report(io.StringIO()).splitlines()
    assert line.startswith("epoch 1/2  train loss 0.2190")
    assert line.endswith(" s left")
    assert "\x1b" not in line


def test_a_terminal_gets_a_bar_with_measures_and_time_left(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "140")
    shown = report(Terminal())
    assert "\x1b[" in shown
    assert "loss 0.5000 accuracy 0.2500 100 samples/s" in shown
    assert "left" in shown
    assert shown.count("train loss 0.2190") == 1
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") > 0  # the cursor is given back


def test_the_time_left_of_a_resumed_training_is_that_of_its_own_steps(monkeypatch):
    now = iter([100.0, 106.0])
    monkeypatch.setattr("xdl.train.callbacks.progress.perf_counter", lambda: next(now))
    stream = io.StringIO()
    progress = Progress(stream)
    trainer = SimpleNamespace(epoch=2, epochs=3, batch=3, batches=6, history=[RECORD])
    progress.on_fit_start(trainer)
    trainer.batch = 6
    trainer.history.append({**RECORD, "epoch": 2})
    progress.on_epoch_end(trainer, trainer.history[1])  # 3 batches took 6 seconds, and 6 are left
    assert stream.getvalue().endswith("12 s left\n")


def test_small_losses_keep_their_figures():
    record = {"epoch": 3, "train_loss": 0.0000421, "validation_loss": 0.0, "validation_accuracy": 0.5, "lr": 1e-5}
    assert epoch_line(record, 9) == "epoch 3/9  train loss 4.21e-05  validation loss 0.0000 accuracy 0.5000  lr 1e-05"
