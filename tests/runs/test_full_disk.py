"""A disk that is full from any write of a run on: one typed error, whole files only, and a resume to the same bits."""

import errno
import io
import json
import os
import sys

import pytest

from xdl.errors import StorageError
from xdl.io import files
from xdl.runs.resume import resume
from xdl.runs.saved_run import read_run
from xdl.runs.start import RunRequest, start
from xdl.train import load_state, read_events

GIVEN = {"epochs": "2", "samples": "60", "hidden": "4", "trace": "1", "tensorboard": "true"}
pytestmark = pytest.mark.usefixtures("without_figures")


class Disk:
    """Counts what is written, synced and renamed, and takes nothing more after so many of them."""

    def __init__(self, patch, room):
        self.room, self.calls, self._open = room, 0, open
        for name in ("fsync", "replace"):
            patch.setattr(os, name, self._limited(getattr(os, name)))
        patch.setattr(files, "open", self._opened, raising=False)

    def _limited(self, call):
        def limited(*arguments):
            self.take()
            return call(*arguments)

        return limited

    def take(self):
        """One more."""
        self.calls += 1
        if self.calls > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _opened(self, path, mode, **options):
        file = self._open(path, mode, **options)
        return Appended(self, file) if mode == "ab" else file


class Appended:
    """A file that takes half of what is written when the disk becomes full."""

    def __init__(self, disk, file):
        self.disk, self.file = disk, file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, data):
        """All of it, or half."""
        try:
            self.disk.take()
        except OSError:
            self.file.write(data[: len(data) // 2])
            raise
        return self.file.write(data)


def check_whole(folder):
    """Every file that is there can be read."""
    for path in folder.rglob("*"):
        assert not path.name.endswith(".part")
        if path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix == ".jsonl":
            assert all(json.loads(line) for line in path.read_text().splitlines())
        elif path.name in ("last.safetensors", "best.safetensors"):
            load_state(path)
        elif path.name == "likeness.safetensors":
            load_state(path, kind="likeness")


def whole_run(root):
    """The model of an undisturbed run, and how often it writes."""
    with pytest.MonkeyPatch.context() as patch:
        disk = Disk(patch, 10**9)
        start("mlp", RunRequest(GIVEN), out=root, stream=io.StringIO()).perform()
    (folder,) = (root / "mlp").iterdir()
    return (folder / "model.safetensors").read_bytes(), disk.calls


def fails_and_goes_on(root, room, model):
    """A run on a disk with that much room, checked, and resumed when there is more."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Exception) as caught:  # noqa: PT011, PT012 (see below)
        Disk(patch, room)
        start("mlp", RunRequest(GIVEN), out=root, stream=io.StringIO()).perform()
    assert isinstance(caught.value, StorageError) or isinstance(caught.value.__cause__, StorageError)
    (folder,) = (root / "mlp").iterdir()
    check_whole(folder)
    if (folder / "run.json").is_file() and not (folder / "summary.json").is_file():
        resume(read_run(folder), RunRequest({}), stream=io.StringIO()).perform()
        assert (folder / "model.safetensors").read_bytes() == model
        assert read_events(folder / "events.jsonl")[-1]["phase"] == "end"
        check_whole(folder)


def test_a_disk_that_is_full_from_any_moment_on(tmp_path):
    model, calls = whole_run(tmp_path / "whole")
    assert calls > 40
    for room in range(0, calls, 13):
        fails_and_goes_on(tmp_path / str(room), room, model)


@pytest.mark.slow
def test_a_disk_that_is_full_from_every_moment_on(tmp_path):
    model, calls = whole_run(tmp_path / "whole")
    for room in range(calls):
        fails_and_goes_on(tmp_path / str(room), room, model)


def test_the_disk_of_these_tests_bites(tmp_path):
    assert "xdl.io.files" in sys.modules
    with pytest.MonkeyPatch.context() as patch:
        Disk(patch, 0)
        with pytest.raises(StorageError, match="No space left"):
            files.append(tmp_path / "a", b"1234")
        with pytest.raises(StorageError, match="No space left"):
            files.write_atomic(tmp_path / "b", b"1234")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"")]
