"""Puts the stand-in where `import cupy` finds it, for a while, and takes it away without a trace."""

import sys
from contextlib import contextmanager
from unittest import mock

from array_api_compat.common import _helpers

from xdl import backend
from xdl.kernels.cuda import device as device_cuda

from . import kernels, machine, memory, package
from .array import ndarray

COMPAT = "array_api_compat.cupy"


@contextmanager
def installed(played=None):
    """Inside, `import cupy` gives the stand-in on that machine (one H100 by default), and xdl's backend loads on it.

    Yields the module cupy. Functions and memory are fresh: a test may break one part of them. May be nested.
    """
    current, several = backend._current, backend.several_cards
    outer = (machine.played, memory.exchange(None), _take_modules(), _take_backend())
    machine.play(played or machine.Machine())
    modules = package.modules()
    sys.modules.update(modules)
    try:
        with mock.patch.object(device_cuda, "CompiledCache", kernels.Compiled):
            yield modules["cupy"]
    finally:
        backend.several_cards = several
        _take_modules()
        _take_backend()
        machine.play(outer[0])
        memory.exchange(outer[1])
        sys.modules.update(outer[2])
        if outer[3] is not None:
            backend.add(outer[3])
        backend._current = current if backend._current is None else backend._current


def _take_modules():
    """The modules of CuPy and what array-api-compat keeps of them, which are forgotten."""
    taken = {name: sys.modules[name] for name in list(sys.modules) if _of_cupy(name)}
    for name in taken:
        del sys.modules[name]
    vars(sys.modules["array_api_compat"]).pop("cupy", None)
    for kept in vars(_helpers).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()
    return taken


def _of_cupy(name):
    return name.split(".")[0] in ("cupy", "cupyx") or name == COMPAT or name.startswith(f"{COMPAT}.")


def _take_backend():
    """xdl's backend on the stand-in, which is forgotten and no longer the current one."""
    taken = backend._loaded.pop("cupy", None)
    backend._owners.pop(ndarray, None)
    backend.namespaces.pop(ndarray, None)
    if taken is not None and backend._current is taken:
        backend._current = None
    return taken
