"""The backend `cuda-on-host`: every line of the CUDA path except the card itself, run on the CPU.

The harness compiles the same .cu files with g++ (tests/cuda_on_host). It is for tests and for reading, is slow, and
lives in the source checkout only.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from xdl.errors import BackendError


def create() -> Any:
    """The backend. Raises BackendError outside a source checkout, or without a C++ compiler."""
    root = Path(__file__).parent.parent
    if not (root / "tests" / "cuda_on_host" / "backend.py").exists():
        raise BackendError(
            "cuda-on-host", "a source checkout of xdl", "an installed package", "Run it from a clone of the repository"
        )
    if str(root) not in sys.path:
        sys.path.append(str(root))
    try:
        harness = import_module("tests.cuda_on_host.backend")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("tests"):
            raise
        hint = f"Start Python in {root.name}/, as `python -m xdl`"
        raise BackendError("cuda-on-host", "the checkout's package `tests`", "another one", hint) from error
    return harness.HostBackend()
