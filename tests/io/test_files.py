"""Files appear whole or not at all."""

import os
import subprocess
import sys

import pytest

from tests.house.source import ROOT
from xdl.train import atomic, write_atomic


def test_the_file_is_written_and_nothing_else_stays(tmp_path):
    write_atomic(tmp_path / "a.txt", b"one")
    write_atomic(tmp_path / "a.txt", b"two")
    assert (tmp_path / "a.txt").read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_error_keeps_the_old_file_and_leaves_no_part(tmp_path, error):
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")

    def write_half():
        with atomic(target) as part:
            part.write_bytes(b"ne")
            raise error

    with pytest.raises(error):
        write_half()
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_an_error_while_renaming_leaves_no_part(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(tmp_path / "a.txt", b"new")
    assert os.listdir(tmp_path) == []


def test_the_bytes_are_synced_before_the_name_and_the_folder_after_it(tmp_path, monkeypatch):
    events = []
    monkeypatch.setattr(os, "fsync", lambda handle: events.append(os.path.isdir(f"/proc/self/fd/{handle}")))
    rename = os.replace
    monkeypatch.setattr(os, "replace", lambda *names: (events.append("rename"), rename(*names)))
    write_atomic(tmp_path / "a.txt", b"new")
    assert events == [False, "rename", True]


def test_a_kill_while_writing_keeps_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")
    code = (
        "import os, signal, sys; from xdl.train import atomic\n"
        "with atomic(sys.argv[1]) as part:\n"
        "    part.write_bytes(b'ne'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(target)], cwd=ROOT).returncode == -9
    assert target.read_bytes() == b"old"


def test_what_killed_processes_left_goes_and_what_others_write_stays(tmp_path):
    target = tmp_path / "a.txt"
    (tmp_path / ".a.txt.0123abcd.part").write_bytes(b"left by a process that was killed")
    others = [".b.txt.0123abcd.part", ".a.txt.part", "a.txt.0123abcd.part"]
    for name in others:
        (tmp_path / name).touch()
    with atomic(target) as part:
        part.write_bytes(b"first")
        write_atomic(target, b"second")  # while the first is being written
        assert part.read_bytes() == b"first"
        assert target.read_bytes() == b"second"
    assert target.read_bytes() == b"first"
    assert sorted(os.listdir(tmp_path)) == sorted([*others, "a.txt"])
