"""`xdl warm` compiles all loops and shows how far it is; `xdl info` says which are compiled."""

import json

import pytest
from typer.testing import CliRunner

from xdl import backend
from xdl.cli import app as cli
from xdl.kernels.numba import cache, compiled, slots
from xdl.report import info

backend.load("numpy")


@pytest.fixture
def two_loops(tmp_path, monkeypatch):
    """An empty cache, and only the loops of ReLU, of which one is shared out."""
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(compiled, "ALL", [])
    monkeypatch.setattr(compiled, "SPLITS", {})
    loops = [
        compiled.Compiled("activation.relu", "T[::1], T[::1] |"),
        compiled.Compiled("activation.relu_back", "T[::1], T[::1], T[::1]"),
    ]
    monkeypatch.setitem(slots.LOOPS, "relu_compiled", tuple(loops))
    return loops


def invoke(*words):
    shown = CliRunner().invoke(cli.app, [*words])
    assert shown.exit_code == 0, shown.output
    return shown.stdout


def test_warm_compiles_all_and_shows_it(two_loops, tmp_path):
    assert "relu_compiled (float32 or float64 without gaps in memory; not compiled yet)" in str(info.kernels()["relu"])
    assert info.compiled()["loops"] == "0 of 6 compiled"
    lines = invoke("warm").splitlines()
    assert [line.split()[-1] for line in lines[:6]] == [
        f"{place}.{dtype}"
        for place in ("team.jobs.split_2_0_T1d_T1d", *(loop.place for loop in two_loops))
        for dtype in compiled.TYPES
    ]
    assert lines[5].startswith("  6 of 6")
    assert "loops: 6 of 6 compiled" in lines
    assert len(list(tmp_path.glob("*.nbc"))) == 6
    assert "; compiled for float32 and float64)" in str(info.kernels()["relu"])
    done = json.loads(invoke("warm", "--json"))
    assert done["folder"] == str(tmp_path)
    assert done["loops"] == "6 of 6 compiled"
