"""Large NumPy arrays over reused memory.

A fresh array of megabytes costs three times a write into a warm one, because the system hands out its pages one
fault at a time. `empty` builds arrays over pieces of segments that the pool keeps and lends:

    array -- base --> bytes of the piece -- base --> Lease --> segment

Whatever reads the memory (views, views of views, a memoryview, a DLPack export) holds the array or its base, and so
the lease. When the last of them goes, the lease goes too and puts the piece back into its segment: nothing is counted,
and nothing has to be given back.

Arrays that are read and written together must not begin at the same place of a page: a processor that looks at the last
twelve bits of an address takes what is read for what is just being written, and waits. Nor may a vector lie in two
lines of the cache. A step of Adam takes 0.28 nanoseconds a number where its arrays begin a quarter of a page apart,
0.95 where all begin 16 bytes behind a page's begin, as large ones of the C library do. So neighbours begin at other
lines of their pages.

A lease may die anywhere: on another thread, in the middle of `empty`, after a fork, while the interpreter shuts down.
So all it does is to append to a list, which is atomic; the next `empty` reads the list, one thread at a time. What
calls `empty` from within itself (a handler of signals, a finalizer) gets memory of its own.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from xdl.guard import Guard

from .heap import give_back
from .segment import ALIGNED, PAGE, Piece, Segment

SMALLEST = 1 << 18  # bytes; below, the C library's own allocator is as fast
FIRST = 3 << 20  # bytes of the first segment: NumPy asks for pages of 2 MB from 4 MB on, small nets need less
SEGMENT = 1 << 26  # bytes of the others, or more for a single larger array
STAYING = 1 << 20  # bytes; below, the heap's free pages stay
APART = 17 * ALIGNED  # bytes from one piece's place in its page to the next one's


class Lease:
    """A piece that is lent. NumPy takes its memory through `__array_struct__`, and keeps the lease as the base."""

    __slots__ = ("__array_struct__", "_memory", "_piece", "_returned")

    def __init__(self, segment: Segment, piece: Piece) -> None:
        self._memory, self.__array_struct__ = segment.view(piece)
        self._returned, self._piece = segment.returned, piece  # the piece last: __del__ may come before, at a Ctrl-C

    def __del__(self) -> None:
        if hasattr(self, "_piece"):
            self._returned.append(self._piece)


class BufferPool:
    """Segments, lent in pieces. `limit` bounds the free bytes that are kept when another segment has to be made."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._segments: list[Segment] = []
        self._guard = Guard()
        self._lending = False

    def empty(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """An uninitialized C-order array, from the pool if it is large."""
        size = _piece_size(shape, dtype)
        if not size:
            return np.empty(shape, dtype)
        with self._guard.lock:
            if self._lending:
                return np.empty(shape, dtype)
            self._lending = True
            try:
                lease = Lease(*self._take(size))
            finally:
                self._lending = False
        return np.ndarray(shape, dtype, np.asarray(lease))

    def _take(self, size: int) -> tuple[Segment, Piece]:
        for segment in self._segments:
            if segment.returned:
                segment.settle()
            if segment.free and (piece := segment.take(size)):
                return segment, piece
        if size >= STAYING:
            give_back()  # what NumPy's temporaries left there, before the system gives new pages
        for segment in self._segments:
            if piece := segment.extend(size):
                return segment, piece
        if sum(segment.top - segment.lent() for segment in self._segments) > self.limit:
            self._segments = [segment for segment in self._segments if segment.lent()]
        least, place = (SEGMENT, PAGE // 2) if self._segments or size > FIRST else (FIRST, 0)
        self._segments.append(Segment(max(least, size), place))
        return self._take(size)

    def used(self) -> int:
        """Bytes of pieces that arrays refer to."""
        return sum(segment.lent() for segment in self._segments)

    def free(self) -> int:
        """Bytes of segments that are not lent; for those that never were the system has given no pages."""
        return sum(len(segment.memory) - segment.lent() for segment in self._segments)

    def clear(self) -> None:
        """Gives segments of which nothing is lent back to the system."""
        with self._guard.lock:
            self._segments = [segment for segment in self._segments if segment.lent()]


@lru_cache(maxsize=4096)
def _piece_size(shape: tuple[int, ...], dtype: Any) -> int:
    """Bytes of the piece for such an array: whole pages, and APART; 0 for an array without one."""
    size = prod(shape) * int(np.dtype(dtype).itemsize)
    return -(-size // PAGE) * PAGE + APART if size >= SMALLEST else 0


def zeros(size: int, dtype: Any, place: int) -> np.ndarray:
    """Zeros that begin at that place of a page: numbers that differ by less than 64 give different ones.

    They are to stay, an optimizer's. What the heap kept for arrays of this size goes back, so that it is not had twice:
    the values that parameters were drawn as.
    """
    nbytes = size * int(np.dtype(dtype).itemsize)
    if nbytes >= STAYING:
        give_back()
    memory = np.zeros(nbytes + PAGE, np.uint8)
    return memory[(place * APART - memory.ctypes.data) % PAGE :][:nbytes].view(dtype)


pool = BufferPool(limit=1 << 30)
empty = pool.empty


def constant(x: np.ndarray) -> np.ndarray:
    """x itself, which nobody can write any more: what is kept for all threads has to be so."""
    x.flags.writeable = False
    return x
