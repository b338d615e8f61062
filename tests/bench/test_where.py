"""The profile of a training step accounts for its time, and knows products from copies."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX timers")
def test_the_parts_add_up_to_the_step(tmp_path):
    file = tmp_path / "where.json"
    command = [sys.executable, "bench/where.py", "--only", "book-cnn", "--steps", "3", "--json", str(file)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    printed = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    assert "book-cnn 28x28, batch 32:" in printed
    found = json.loads(file.read_text())
    assert found["product"] > 1
    (net,) = found["nets"].values()
    assert 0.8 < sum(net["kinds_ms"].values()) / net["step_ms"] <= 1.0
    assert {"products (GEMM)", "transforms (Winograd, Fourier)", "optimizer"} <= set(net["kinds_ms"])
