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
    """An empty cache, and only the loops of ReLU."""
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    places = ("activation.relu", "activation.relu_back")
    known = list(compiled.ALL)
    monkeypatch.setattr(compiled, "ALL", [])
    loops = [compiled.Compiled(loop.place, loop.signature[5:-1]) for loop in known if loop.place in places]
    monkeypatch.setitem(slots.LOOPS, "relu_compiled", tuple(loops))
    return loops


def invoke(*words):
    shown = CliRunner().invoke(cli.app, [*words])
    assert shown.exit_code == 0, shown.output
    return shown.stdout


def test_warm_compiles_all_and_shows_it(two_loops, tmp_path):
    assert "relu_compiled (float32 or float64 without gaps in memory; not compiled yet)" in str(info.kernels()["relu"])
    assert info.compiled()["loops"] == "0 of 4 compiled"
    lines = invoke("warm").splitlines()
    assert [line.split()[-1] for line in lines[:4]] == [
        f"{loop.place}.{dtype}" for loop in two_loops for dtype in compiled.TYPES
    ]
    assert lines[3].startswith("  4 of 4")
    assert "loops: 4 of 4 compiled" in lines
    assert len(list(tmp_path.glob("*.nbc"))) == 4
    assert "; compiled for float32 and float64)" in str(info.kernels()["relu"])
    done = json.loads(invoke("warm", "--json"))
    assert done["folder"] == str(tmp_path)
    assert done["loops"] == "4 of 4 compiled"
