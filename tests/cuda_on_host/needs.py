"""Skips with a reason where a tool is missing."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from xdl.errors import BackendError
from xdl.kernels.cuda.nvrtc_library import find_library

WITHOUT_CUDA = {"attention"}  # slots that have no CUDA version yet: a device runs their reference

needs_compiler = pytest.mark.skipif(
    shutil.which(os.environ.get("CXX", "g++")) is None, reason="no C++ compiler: install g++ or set CXX"
)


def has_nvrtc() -> bool:
    """Whether NVRTC is installed."""
    try:
        find_library()
    except BackendError:
        return False
    return True


def nvidia_tool(name: str) -> Path | None:
    """A program of the CUDA toolkit: from its wheel, else from PATH."""
    wheels = find_spec("nvidia")
    for folder in wheels.submodule_search_locations or () if wheels else ():
        for path in sorted(Path(folder).glob(f"*/bin/{name}")):
            return path
    found = shutil.which(name)
    return Path(found) if found else None


needs_nvrtc = pytest.mark.skipif(not has_nvrtc(), reason="no NVRTC: pip install nvidia-cuda-nvrtc")
needs_disassembler = pytest.mark.skipif(
    nvidia_tool("nvdisasm") is None, reason="no disassembler: pip install nvidia-cuda-nvdisasm"
)
