"""Bytes in use: on the host by Python's tracemalloc, which sees NumPy's arrays too, on a device by its backend.

What the buffer pool keeps free does not count as in use. What an operation takes from the pool and gives back before
it ends does not show in its peak.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

from xdl import backend
from xdl.backend import namespaces


class Meter:
    """Measures from `start` to `stop`; one at a time."""

    def __init__(self) -> None:
        self._traced = False  # by this meter
        self._device = False
        self._first = self._used = self._pool = self._highest = 0

    def start(self) -> None:
        """The bytes in use now are the zero of all that follows."""
        self._device = backend.current().accelerated
        self._traced = not self._device and not tracemalloc.is_tracing()
        if self._traced:
            tracemalloc.start()
        self._first = self._highest = self._used = self._now()

    def read(self) -> tuple[int, int]:
        """(growth, peak) since the last reading, both against the bytes in use then."""
        before, pool = self._used, self._pool
        top = 0 if self._device else tracemalloc.get_traced_memory()[1]
        self._used = self._now()
        top = max(top - max(pool, self._pool), self._used)
        self._highest = max(self._highest, top)
        return self._used - before, top - before

    def stop(self) -> int:
        """The highest peak, against the bytes in use at the start."""
        if self._traced:
            tracemalloc.stop()
        return self._highest - self._first

    def _now(self) -> int:
        memory = backend.current().memory()
        if self._device:
            return memory.used
        self._pool = memory.pooled
        tracemalloc.reset_peak()
        return tracemalloc.get_traced_memory()[0] - memory.pooled


def held_bytes(held: Any, seen: set[int]) -> Iterator[int]:
    """The bytes of each array in nested tuples and lists, whole buffers behind views, once: `seen` has their ids."""
    if isinstance(held, tuple | list):
        for part in held:
            yield from held_bytes(part, seen)
    elif type(held) in namespaces:
        owner = held
        while getattr(owner, "base", None) is not None and hasattr(owner.base, "nbytes"):
            owner = owner.base
        if id(owner) not in seen:
            seen.add(id(owner))
            yield owner.nbytes
