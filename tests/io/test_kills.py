"""A process that is killed while it saves leaves the old file or the new one, whole, and no rubbish for long."""

import os
import random
import re
import subprocess
import sys
from time import sleep

import pytest

from tests.house.source import ROOT
from xdl.train import load_state, save_state

# Saves states that say which they are, and prints the number of each that is there for good.
SAVES = """
import sys, numpy
from xdl.train import save_state
number = int(sys.argv[2])
while True:
    number += 1
    save_state(sys.argv[1], {"number": number, "array": numpy.full(200_000, number)})
    print(number, flush=True)
"""


def killed_after(path, number, seconds):
    """Starts saving after that number, kills the process so many seconds after its first save; its last number."""
    process = subprocess.Popen([sys.executable, "-c", SAVES, path, str(number)], cwd=ROOT, stdout=subprocess.PIPE)
    first = process.stdout.readline()
    sleep(seconds)
    process.kill()
    said = first + process.stdout.read()
    process.wait()
    process.stdout.close()
    return int(re.findall(rb"(\d+)\n", said)[-1])


@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.slow)])
def test_no_kill_loses_a_checkpoint(tmp_path, kills):
    path = tmp_path / "last.safetensors"
    seconds = random.Random(0)
    number = left = 0
    for _ in range(kills):
        said = killed_after(path, number, seconds.uniform(0, 0.05))
        state = load_state(path)  # whole: its checksum fits
        number = state["number"]
        assert number in (said, said + 1)  # what was said to be saved, or the one that was on its way
        assert (state["array"] == number).all()
        parts = sorted(set(os.listdir(tmp_path)) - {path.name})
        assert len(parts) <= 1  # of this kill alone: the saves before it removed the others
        left += len(parts)
    assert kills < 200 or left > 20  # so many kills hit the middle of a save
    save_state(path, {})
    assert os.listdir(tmp_path) == [path.name]


STOPS = """
import os, signal, sys
from xdl.train import save_state
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, sys.argv[2], die)
save_state(sys.argv[1], {"new": 1})
"""


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_kill_at_the_worst_moments_keeps_the_old_file(tmp_path, moment):
    path = tmp_path / "last.safetensors"
    save_state(path, {"old": 1})
    ended = subprocess.run([sys.executable, "-c", STOPS, path, moment], cwd=ROOT).returncode
    assert ended == -9
    assert load_state(path) == {"old": 1}
    assert len(os.listdir(tmp_path)) == 2
    save_state(path, {"next": 1})
    assert os.listdir(tmp_path) == [path.name]
    assert load_state(path) == {"next": 1}
