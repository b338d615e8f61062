"""Several processes that save to one path, claim one folder and look at it, without one false refusal."""

import os
import subprocess
import sys
import threading

import pytest

from tests.house.source import ROOT
from xdl.errors import SettingError
from xdl.io import files
from xdl.io.claim import claimed, is_claimed
from xdl.io.files import atomic, lock, write_atomic

SAVE = """
import sys
from pathlib import Path
from xdl.io.files import write_atomic
target, number = Path(sys.argv[1]), int(sys.argv[2])
sys.stdin.readline()
for i in range(int(sys.argv[3])):
    write_atomic(target, bytes([number]) * 3000)
    content = target.read_bytes()
    assert len(content) == 3000 and len(set(content)) == 1, content[:9]
"""

CLAIM = """
import sys, time
from pathlib import Path
from xdl.errors import SettingError
from xdl.io.claim import claimed, is_claimed
folder, count = Path(sys.argv[1]), int(sys.argv[3])
mine = folder.parent / f"{folder.name}{sys.argv[2]}"
mine.mkdir(exist_ok=True)
sys.stdin.readline()
for i in range(count):
    for _ in range(5):
        others = [is_claimed(other) for other in folder.parent.iterdir()]
    with claimed(mine):  # nobody else claims it, but all look at it
        assert is_claimed(mine)
    try:
        with claimed(folder):
            (folder / "inside").touch(exist_ok=False)
            (folder / "inside").unlink()
    except SettingError:
        pass
"""


def together(code, path, count, processes=4):
    """Runs the code in several processes at once and returns what they complained about."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(i + 1), str(count)],
            env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for i in range(processes)
    ]  # fmt: skip
    try:
        for process in running:
            process.stdin.write("go\n")
            process.stdin.flush()
        return [line for process in running for line in process.communicate(timeout=300)[1].splitlines()[-1:]]
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_processes_that_save_to_one_path_never_fail(tmp_path):
    assert together(SAVE, tmp_path / "a.bin", 80) == []
    assert os.listdir(tmp_path) == ["a.bin"]


def test_processes_that_claim_and_look_never_fail(tmp_path):
    (tmp_path / "run").mkdir()
    assert together(CLAIM, tmp_path / "run", 60) == []


@pytest.mark.slow
def test_processes_hammer_for_long(tmp_path):
    assert together(SAVE, tmp_path / "a.bin", 300, 16) == []
    (tmp_path / "all" / "run").mkdir(parents=True)
    assert together(CLAIM, tmp_path / "all" / "run", 300, 16) == []


@pytest.mark.parametrize("when", ["before the lock is taken", "while another has the lock"])
def test_a_new_part_that_is_taken_for_left_is_made_again(tmp_path, monkeypatch, when):
    """What another process may do between the making of a temporary file and its lock."""
    target, removed, holders = tmp_path / "a.txt", [], []

    def meddle(handle, shared=False):
        parts = [path for path in tmp_path.glob(".a.txt.*.part") if path not in removed]
        if len(removed) < 3 and parts:
            other = os.open(parts[0], os.O_RDWR)
            lock(other)
            parts[0].unlink()
            removed.append(parts[0])
            if when == "before the lock is taken":
                os.close(other)
            else:
                holders.append(other)
        lock(handle, shared)

    monkeypatch.setattr(files, "lock", meddle)
    write_atomic(target, b"whole")
    assert len(removed) == 3
    assert target.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["a.txt"]
    for other in holders:
        os.close(other)


def test_threads_save_to_one_path(tmp_path):
    errors = []

    def save(number):
        try:
            for _ in range(50):
                write_atomic(tmp_path / "a", bytes([number]) * 100)
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=save, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_part_that_is_being_written_keeps_its_lock(tmp_path):
    with atomic(tmp_path / "a") as part, open(part, "rb") as other, pytest.raises(BlockingIOError):
        lock(other.fileno())


def test_a_look_is_no_claim(tmp_path):
    """Somebody looks for a while: others look too, and claim as soon as the look is over."""
    look = os.open(tmp_path, os.O_RDONLY)
    lock(look, shared=True)
    assert not is_claimed(tmp_path)
    timer = threading.Timer(0.1, os.close, (look,))
    timer.start()
    with claimed(tmp_path):
        assert is_claimed(tmp_path)
        with pytest.raises(SettingError, match="one that is running"), claimed(tmp_path):
            raise AssertionError("claimed twice")
    timer.join()
