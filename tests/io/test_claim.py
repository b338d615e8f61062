"""One process at a time in a folder."""

import subprocess
import sys
import threading

import pytest

from tests.house.source import ROOT
from xdl.errors import SettingError
from xdl.io.claim import claimed, in_turn, is_claimed

HOLD = """
import sys
from pathlib import Path
from xdl.io.claim import claimed
with claimed(Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_claimed_once_and_free_afterwards(tmp_path):
    assert not is_claimed(tmp_path)
    with claimed(tmp_path):
        assert is_claimed(tmp_path)
        with pytest.raises(SettingError, match="one that is running"), claimed(tmp_path):
            raise AssertionError("claimed twice")
    assert not is_claimed(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_claim_of_a_killed_process_is_void(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"mine\n"
        assert is_claimed(tmp_path)
        process.kill()
        process.wait()
        assert not is_claimed(tmp_path)


def test_turns_are_waited_for(tmp_path):
    order = []

    def other():
        with in_turn(tmp_path):
            order.append("other")

    thread = threading.Thread(target=other)
    with in_turn(tmp_path):
        thread.start()
        thread.join(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]
    with pytest.raises(KeyError), in_turn(tmp_path):
        raise KeyError
    assert not is_claimed(tmp_path)
