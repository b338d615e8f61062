"""Compiling all loops ahead, and what can be said of them: for `xdl warm` and `xdl info --kernels`."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

import numpy as np

from . import cache, choice, compiled, slots


class Progress(NamedTuple):
    """A loop that is ready: its name, how many are and will be, the seconds that it took."""

    name: str
    done: int
    of: int
    seconds: float


def warm() -> Iterator[Progress]:
    """Compiles all loops for all types, or loads what the cache has. Raises BackendError where Numba is missing."""
    wanted = [(loop, dtype) for loop in compiled.ALL for dtype in compiled.TYPES]
    for done, (loop, dtype) in enumerate(wanted, 1):
        start = perf_counter()
        loop[np.dtype(dtype)]
        yield Progress(loop.name(dtype), done, len(wanted), perf_counter() - start)


def states() -> dict[str, str]:
    """Of each compiled version whether it runs, and for which types its loops are in the cache. Imports Numba."""
    found = {}
    for name, loops in slots.LOOPS.items():
        kept = [dtype for dtype in compiled.TYPES if all(cache.is_kept(loop.name(dtype)) for loop in loops)]
        state = f"compiled for {' and '.join(kept)}" if kept else "not compiled yet"
        found[name] = state if choice.used() else f"{state}, not used in this process"
    return found


def about() -> dict[str, str]:
    """Numba's version, how many loops are in the cache, and where that is. Imports Numba."""
    names = [loop.name(dtype) for loop in compiled.ALL for dtype in compiled.TYPES]
    kept = sum(map(cache.is_kept, names))
    return {
        "numba": cache.version(),
        "loops": f"{kept} of {len(names)} compiled",
        "used": "yes" if choice.used() else "not in this process",
        "folder": str(cache.folder()),
    }
