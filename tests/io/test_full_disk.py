"""A disk that is full, or that one may not write to: one typed error that says what to do, and the old file stays."""

import errno
import json
import os
import subprocess
import sys
from functools import partial

import pytest

from tests.house.source import ROOT
from xdl import nn
from xdl.errors import CheckpointError, StorageError
from xdl.io.files import append, storing
from xdl.train import MetricsFile, load_state, save_model, save_state, write_atomic

SAVERS = {
    "save_state": lambda path: save_state(path, {"new": [1.5] * 100}),
    "save_model": lambda path: save_model(nn.Linear(3, 3), path),
}


def failing(code):
    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    return fail


class FullFile:
    """A file on a full disk, which takes the first bytes and no more."""

    def __init__(self, path, mode, code):
        self.file, self.code = open(path, mode), code  # noqa: SIM115 (closed by __exit__)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, data):
        self.file.write(bytes(data)[:10])
        failing(self.code)()


def at(moment, code, monkeypatch):
    """Lets that call fail from now on."""
    if moment == "write":
        files = sys.modules["xdl.io.tensor_file"]
        monkeypatch.setattr(files, "open", partial(FullFile, code=code), raising=False)
    else:
        monkeypatch.setattr(os, moment, failing(code))


@pytest.mark.parametrize("saver", SAVERS)
@pytest.mark.parametrize("moment", ["write", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_an_error_at_any_moment_keeps_the_old_file(tmp_path, monkeypatch, saver, moment, code):
    path = tmp_path / "last.safetensors"
    save_state(path, {"old": 1})
    with monkeypatch.context() as patched:
        at(moment, code, patched)
        with pytest.raises(CheckpointError) as caught:
            SAVERS[saver](path)
    message = str(caught.value)
    assert f"{saver} {path}" in message
    assert os.strerror(code) in message
    assert ("MB are free" in message) == (code != errno.EIO)
    assert load_state(path) == {"old": 1}
    assert os.listdir(tmp_path) == [path.name]


LIMITED = """
import resource, sys
from xdl.train import save_state
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
import numpy
from xdl.errors import CheckpointError
try:
    save_state(sys.argv[1], {"new": numpy.zeros(1_000_000)})
except CheckpointError as error:
    print(error)
"""


def test_a_file_that_the_system_stops_keeps_the_old_one(tmp_path):
    path = tmp_path / "last.safetensors"
    save_state(path, {"old": 1})
    ran = subprocess.run([sys.executable, "-c", LIMITED, path], cwd=ROOT, capture_output=True, text=True)
    assert ran.stderr == ""
    assert f"save_state {path}" in ran.stdout
    assert "File too large" in ran.stdout
    assert load_state(path) == {"old": 1}
    assert os.listdir(tmp_path) == [path.name]


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"The folder .*missing does not exist: make it first"):
        save_state(tmp_path / "missing" / "a", {})


def test_a_folder_without_permission_is_named(tmp_path, monkeypatch):
    import xdl.io.files as files

    monkeypatch.setattr(files, "open", failing(errno.EACCES), raising=False)  # chmod does not stop root
    with pytest.raises(CheckpointError, match=r"Permission denied\. Choose a folder that you may write to"):
        save_state(tmp_path / "a", {})
    with (
        pytest.raises(StorageError, match=r"Permission denied\. Choose a folder .* allow writing to "),
        storing(tmp_path / "new" / "folder" / "a"),
    ):
        failing(errno.EACCES)()
    with pytest.raises(StorageError, match=r"write .*b: .*Permission denied\. Choose a folder"):
        write_atomic(tmp_path / "b", b"x")


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(CheckpointError, match="Is a directory"):
        save_state(tmp_path / "a", {})
    assert os.listdir(tmp_path) == ["a"]


def test_appending_to_a_full_device_is_one_typed_error():
    with pytest.raises(StorageError, match=r"write /dev/full: .*No space left on device\. .* MB are free"):
        append("/dev/full", b"line\n")


def test_a_full_disk_leaves_no_half_line(tmp_path):
    code = (
        "import resource, sys; from xdl.io.files import append\n"
        "from xdl.errors import StorageError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try:\n    [append(sys.argv[1], b'x' * 29 + b'\\n') for _ in range(9)]\n"
        "except StorageError as error: print(error)"
    )
    path = tmp_path / "lines"
    ran = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True)
    assert (ran.stderr, "File too large" in ran.stdout, "ulimit -f" in ran.stdout) == ("", True, True)
    assert path.read_bytes() == (b"x" * 29 + b"\n") * 3


def test_measures_on_a_full_disk(tmp_path):
    class Folder:
        path, files = tmp_path, []

    callback = MetricsFile(Folder)
    callback.on_epoch_end(None, {"epoch": 1})
    assert json.loads((tmp_path / callback.name).read_text()) == {"epoch": 1}
    (tmp_path / callback.name).unlink()
    (tmp_path / callback.name).symlink_to("/dev/full")
    with pytest.raises(StorageError, match=r"metrics\.jsonl.*No space left"):
        callback.on_epoch_end(None, {"epoch": 2})
