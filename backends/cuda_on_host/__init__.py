"""The backend `cuda-on-host`: every line of the CUDA path except the card itself, run on the CPU.

The harness compiles the same .cu files with g++ (`build.py`). It is for tests and for reading, and slow.
"""

from __future__ import annotations

from .backend import HostBackend


def create() -> HostBackend:
    """The backend. Raises BackendError without a C++ compiler."""
    return HostBackend()
