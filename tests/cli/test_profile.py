"""`xdl profile`: tables for people, numbers for programs, nothing left on the disk."""

import json
import subprocess
import sys

from tests.house.source import ROOT


def xdl(*words, cwd=ROOT):
    command = [sys.executable, "-m", "xdl", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_numbers(tmp_path):
    done = xdl("profile", "softmax-regression", "--steps", "2", "--batch-size", "16", "--json")
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert content["steps"] == 2
    assert content["parameter_bytes"] == 650 * 4
    assert {"layer", "ms", "forward_ms", "backward_ms", "peak_bytes"} <= set(content["layers"][0])
    (linear,) = [row for row in content["rows"] if row["operation"] == "linear"]
    assert (linear["layer"], linear["calls"], linear["backward_ms"] > 0) == ("linear (Linear)", 1, True)


def test_tables():
    done = xdl("profile", "softmax-regression", "--steps", "1", "--top", "1")
    assert done.returncode == 0, done.stderr
    assert "without the profiler" in done.stdout
    assert done.stdout.startswith("layer ")


def test_refusals():
    unknown = xdl("profile", "softmax")
    assert (unknown.returncode, "softmax-regression" in unknown.stderr) == (2, True)
    long = xdl("profile", "softmax-regression", "--set", "epochs=1", "--steps", "500")
    assert (long.returncode, "fewer steps" in long.stderr) == (2, True)
