"""TensorBoard: event files that hold the measures, read back record by record."""

import errno
import os
import struct
import sys
from contextlib import contextmanager

import pytest

from tests.train.around import blobs, trainer_for
from xdl.data import DataLoader
from xdl.errors import StorageError, XdlError
from xdl.io import event_file, files
from xdl.io.event_file import read_events, steps_with
from xdl.models import MLP
from xdl.train import Callback, TensorBoard


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


def test_a_training_that_begins_anew_hides_the_one_before(tmp_path):
    """As when a run is killed before its first checkpoint, and resumed."""
    for _ in range(2):
        trainer_with(tmp_path).fit(DataLoader(blobs(), 20))
    starts = [event.step for event in events(tmp_path) if event.session_log.status == 1]
    assert starts == [1]


def test_a_resume_between_an_epochs_last_step_and_its_end_tells_of_the_epoch_once(tmp_path):
    class Killed(Callback):
        """Ends the training when the epoch is told of."""

        order = 50
        state = None

        def on_step_end(self, trainer):
            if trainer.step == 3:
                self.state = trainer.state_dict()

        def on_epoch_end(self, *_):
            raise KeyboardInterrupt

    first, killed = trainer_with(tmp_path), Killed()
    first.callbacks.members.append(killed)
    with pytest.raises(KeyboardInterrupt):
        first.fit(DataLoader(blobs(), 20), epochs=2)
    second = trainer_with(tmp_path)
    second.load_state_dict(killed.state)
    second.fit(DataLoader(blobs(), 20), epochs=2)
    assert [step for tag, step, _ in scalars(tmp_path) if tag == "epoch/train_loss"] == [3, 6]


def test_steps_that_were_purged_are_not_there(tmp_path):
    event_file.EventFile(tmp_path / "1.tfevents").add(7, {"epoch/loss": 1.0})
    assert steps_with(tmp_path, "epoch/") == {7}
    os.utime(tmp_path / "1.tfevents", (1, 1))
    event_file.EventFile(tmp_path / "2.tfevents", purge_step=6).add(5, {"epoch/loss": 1.0, "step/loss": 2.0})
    assert steps_with(tmp_path, "epoch/") == {5}


@pytest.mark.parametrize("cut", [0, 5, 11, 12, 13, 40])
def test_a_file_that_was_cut_is_read_as_far_as_it_goes(tmp_path, cut):
    path = tmp_path / "tfevents"
    event_file.EventFile(path).add(1, {"loss": 1.0})
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:cut] + b"\xff" * (40 - cut))
    assert len(list(read_events(path))) >= 2


@contextmanager
def full_after(monkeypatch, writes):
    """A disk that takes so many records more, then half of one, and then nothing."""
    left = [writes]

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, data):
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(data if left[0] else data[: len(data) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(files, "open", lambda *args, **options: Full(open(*args, **options)), raising=False)  # noqa: SIM115
        yield


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_full_disk_is_a_storage_error_and_leaves_whole_records(tmp_path, monkeypatch, writes):
    with full_after(monkeypatch, writes), pytest.raises(StorageError, match="No space left"):
        trainer_with(tmp_path).fit(DataLoader(blobs(), 20), epochs=100)
    assert len(events(tmp_path)) == writes - 1


def test_a_process_that_was_forked_goes_on_logging(tmp_path):
    class Fork(Callback):
        """Goes on in a child."""

        child = None

        def on_step_end(self, trainer):
            if trainer.step == 1:
                self.child = os.fork()

    fork, trainer = Fork(), trainer_with(tmp_path)
    trainer.callbacks.members.insert(0, fork)
    trainer.fit(DataLoader(blobs(), 20), epochs=20)
    if fork.child == 0:
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(fork.child, 0)[1]) == 0
    assert len([step for tag, step, _ in scalars(tmp_path) if tag == "step/loss"]) == 60


def test_two_trainings_of_one_second_keep_their_events(tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1e9)  # tensorboardX names its files after the second
    for _ in range(2):
        trainer_with(tmp_path).fit(DataLoader(blobs(), 20), epochs=2)
    assert [step for tag, step, _ in scalars(tmp_path) if tag == "step/loss"] == [2, 4, 6] * 2


def test_the_file_is_closed_also_after_an_error(tmp_path):
    trainer = trainer_with(tmp_path)
    with pytest.raises(ZeroDivisionError):
        trainer.fit(Broken())
    assert trainer.callbacks.members[0]._file is None


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
