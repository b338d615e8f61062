"""A few of the kills of `stress.py`, in a process of its own, which forks: 1,000 of them on demand."""

import re
import shutil
import subprocess
import sys

from tests.cli.command import ENVIRONMENT
from tests.house.source import ROOT
from tests.train.around import differences
from tests.train.resuming.stress import left, train
from xdl.train import load_state, save_state


def test_trainings_killed_at_random_moments_leave_the_same_bits():
    command = [sys.executable, "-m", "tests.train.resuming.stress", "--kills", "5", "--seed", "3"]
    result = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert sum(map(int, re.findall(r"(\d+) SIG", result.stdout))) == 5


def test_the_comparison_sees_a_last_bit_and_a_line_that_is_there_twice(tmp_path, monkeypatch):
    monkeypatch.setattr("xdl.plot.draw", lambda *_: None)
    whole, other = tmp_path / "whole", tmp_path / "other"
    whole.mkdir()
    train(whole, 0)
    shutil.copytree(whole, other)
    assert differences(left(other), left(whole)) == []
    end = load_state(other / "end")
    end["model"]["0.weight"].view("int32")[0, 0] ^= 1
    save_state(other / "end", end)
    assert differences(left(other), left(whole)) == ["state.end.model.0.weight"]
    trace = (other / "trace.jsonl").read_bytes()
    (other / "trace.jsonl").write_bytes(trace + trace.splitlines(keepends=True)[-1])
    assert differences(left(other), left(whole)) == ["state.end.model.0.weight", "state.trace"]
