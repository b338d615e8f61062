"""One process at a time in a folder."""

import subprocess
import sys

import pytest

from tests.house.source import ROOT
from xdl.errors import SettingError
from xdl.io.claim import claimed, is_claimed

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
