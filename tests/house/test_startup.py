"""`import xdl` is fast and loads nothing that is heavy or optional."""

import os
import subprocess
import sys

from tests.house.source import ROOT

LIMIT = 0.15  # seconds of processor time, which other work on the machine hardly changes
HEAVY = {"typer", "rich", "matplotlib", "safetensors", "array_api_compat", "threadpoolctl", "cupy", "torch", "optuna"}
HEAVY |= {"numba", "llvmlite"}


def python(code, **variables):
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", code]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=environment).stdout


def loaded(code):
    return set(python(f"import sys; {code}; print(*sys.modules)").split())


def test_import_loads_nothing_heavy():
    modules = loaded("import xdl")
    assert "xdl.tape" in modules
    assert modules & (HEAVY | {"numpy", "xdl.docs"}) == set()


def test_import_is_fast(tmp_path):
    cache = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}  # compiled once, as when installed
    code = "from time import process_time as now; start = now(); import xdl; print(now() - start)"
    assert min(float(python(code, **cache)) for _ in range(6)) <= LIMIT


def test_the_first_operation_loads_only_numpy():
    modules = loaded("import os; os.environ.pop('XDL_NUM_THREADS', None); import xdl; xdl.tensor([1.0]).exp()")
    assert "numpy" in modules
    assert modules & HEAVY == set()
