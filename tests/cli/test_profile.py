"""`xdl profile`: tables for people, numbers for programs, nothing left on the disk."""

import json

from tests.cli.command import xdl

SMALL = ("profile", "softmax-regression")


def test_numbers(tmp_path):
    done = xdl(*SMALL, "--steps", "2", "--batch-size", "16", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert content["steps"] == 2
    assert content["parameter_bytes"] == 650 * 4
    assert {"layer", "ms", "forward_ms", "backward_ms", "peak_bytes"} <= set(content["layers"][0])
    (linear,) = [row for row in content["rows"] if row["operation"] == "linear"]
    assert (linear["layer"], linear["calls"], linear["backward_ms"] > 0) == ("linear (Linear)", 1, True)


def test_tables(tmp_path):
    done = xdl(*SMALL, "--steps", "1", "--top", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "without the profiler" in done.stdout
    assert done.stdout.startswith("layer ")
    assert list(tmp_path.iterdir()) == []


def test_refusals(tmp_path):
    unknown = xdl("profile", "softmax", cwd=tmp_path)
    assert (unknown.returncode, "softmax-regression" in unknown.stderr) == (2, True)
    long = xdl(*SMALL, "--set", "epochs=1", "--steps", "500", cwd=tmp_path)
    assert (long.returncode, "fewer steps" in long.stderr) == (2, True)
