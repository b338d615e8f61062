"""Whether there is a card, by PyTorch's names. Nothing here needs one: without it the counts are 0 and waits are over.

device = xdl.device("cuda" if xdl.cuda.is_available() else "cpu")
"""

from __future__ import annotations

from importlib import import_module

from xdl import backend
from xdl.random import manual_seed

manual_seed_all = manual_seed  # every device draws from the same streams


def is_available() -> bool:
    """Whether CuPy and a card work here; `xdl info` says what is missing."""
    return bool(import_module("xdl.backends.cupy").status().usable)


def device_count() -> int:
    """The number of cards, 0 where none works."""
    return int(import_module("xdl.backends.cupy").device_count()) if is_available() else 0


def synchronize() -> None:
    """Waits for all work of the current card, and raises what kernels found wrong."""
    if "cupy" in backend.loaded():
        backend.load("cupy").synchronize()


def memory_allocated() -> int:
    """Bytes that arrays on the current card hold."""
    return backend.load("cupy").memory().used if "cupy" in backend.loaded() else 0


__all__ = ["device_count", "is_available", "manual_seed", "manual_seed_all", "memory_allocated", "synchronize"]
