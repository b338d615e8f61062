"""TensorBoard: event files that hold the measures, read back record by record."""

import struct
import sys

import pytest

from tests.train.around import blobs, trainer_for
from xdl.data import DataLoader
from xdl.errors import StorageError, XdlError
from xdl.models import MLP
from xdl.train import TensorBoard


def events(folder):
    """The events of all files, oldest first. A record: length (8), its checksum (4), the event, its checksum (4)."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_ctime_ns):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            found.append(Event.FromString(data[12 : 12 + length]))
            data = data[16 + length :]
    return found


def scalars(folder):
    """(tag, step, value) of all."""
    return [(v.tag, event.step, v.simple_value) for event in events(folder) for v in event.summary.value]


def trainer_with(folder):
    return trainer_for(MLP((2, 3)), callbacks=[TensorBoard(folder)], log_every=2)


def test_logs_and_epochs_are_there(tmp_path):
    trainer = trainer_with(tmp_path / "deep" / "events")
    history = trainer.fit(DataLoader(blobs(), 20), DataLoader(blobs(), 60), epochs=2)
    found = scalars(tmp_path / "deep" / "events")
    assert [step for tag, step, _ in found if tag == "step/loss"] == [2, 4, 6]
    assert [step for tag, step, _ in found if tag == "step/lr"] == [2, 4, 6]
    for name in ("train_loss", "validation_loss", "validation_accuracy", "lr"):
        values = [(step, value) for tag, step, value in found if tag == f"epoch/{name}"]
        assert values == [(record["step"], pytest.approx(record[name], rel=1e-6)) for record in history]
    assert not {tag for tag, *_ in found} & {"epoch/step", "epoch/epoch"}


def test_a_resumed_training_purges_what_came_after_its_step(tmp_path):
    trainer = trainer_with(tmp_path)
    trainer.fit(DataLoader(blobs(), 20))
    resumed = trainer_with(tmp_path)
    resumed.load_state_dict(trainer.state_dict())
    resumed.fit(DataLoader(blobs(), 20), epochs=2)
    starts = [event.step for event in events(tmp_path) if event.session_log.status == 1]
    assert starts == [4]


def test_two_trainings_of_one_second_keep_their_events(tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1e9)  # tensorboardX names its files after the second
    for _ in range(2):
        trainer_with(tmp_path).fit(DataLoader(blobs(), 20), epochs=2)
    assert [step for tag, step, _ in scalars(tmp_path) if tag == "step/loss"] == [2, 4, 6] * 2


def test_the_file_is_closed_also_after_an_error(tmp_path):
    trainer = trainer_with(tmp_path)
    with pytest.raises(ZeroDivisionError):
        trainer.fit(Broken())
    assert trainer.callbacks.members[0]._writer is None


class Broken:
    """A loader without data."""

    def __len__(self):
        return 1

    def __iter__(self):
        raise ZeroDivisionError


def test_a_missing_package_is_named_with_its_command(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(XdlError, match=r'pip install "tensorboardX'):
        TensorBoard(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        trainer_with(tmp_path / "file" / "events").fit(DataLoader(blobs(), 20))
