"""A stretch of memory that is lent in pieces.

Who takes a piece gets the lowest that is large enough; the rest of it stays free, and free neighbours become one piece
again. So arrays of all sizes share the same bytes, one after the other: a training step that needs large arrays first
and many small ones later takes no more than what is alive at its peak. Blocks of fixed sizes took 1.5 times as much.

What lies above `top` was never lent: the system has given no pages for it yet.
"""

from __future__ import annotations

from bisect import bisect
from typing import Any

import numpy as np

ALIGNED, PAGE = 64, 4096  # bytes; each piece begins at a multiple of the first
MOST_VIEWS = 4096  # of pieces, that are kept for the next time
Piece = tuple[int, int]  # its first byte, and the one behind its last
View = tuple[np.ndarray, Any]  # the bytes of a piece, and their `__array_struct__`, which takes as long to make


class Segment:
    """Memory, and which pieces of it are free. One thread at a time; only `returned` takes what comes from others.

    A piece is taken out before it is used and put in when all is done: an interrupt between the two loses it, but
    never lends it twice. place: where in a page its memory begins
    """

    def __init__(self, size: int, place: int = 0) -> None:
        whole = np.empty(size + PAGE, np.uint8)
        first = (place - whole.ctypes.data) % PAGE
        self.memory = whole[first : first + size]
        self.top = 0
        self.free: list[Piece] = []  # in order; no two of them touch
        self.returned: list[Piece] = []  # free since the last `settle`
        self._views: dict[Piece, View] = {}

    def take(self, size: int) -> Piece | None:
        """The lowest free piece of that size, if there is one below the top."""
        for i, (start, stop) in enumerate(self.free):
            if stop - start >= size:
                if stop - start == size:
                    del self.free[i]
                else:
                    self.free[i] = start + size, stop
                return start, start + size
        return None

    def extend(self, size: int) -> Piece | None:
        """A piece at the top, with what is free below it, if there is room."""
        low = self.free[-1][0] if self.free and self.free[-1][1] == self.top else self.top
        if low + size > len(self.memory):
            return None
        if low < self.top:
            self.free.pop()
        self.top = low + size
        return low, low + size

    def settle(self) -> None:
        """Joins what has come back to its neighbours."""
        free = self.free
        while self.returned:
            start, stop = self.returned.pop()
            i = bisect(free, (start, stop))
            if i < len(free) and free[i][0] == stop:
                _, stop = free.pop(i)
            if i > 0 and free[i - 1][1] == start:
                i -= 1
                start, _ = free.pop(i)
            free.insert(i, (start, stop))

    def view(self, piece: Piece) -> View:
        """The bytes of a piece."""
        found = self._views.get(piece)
        if found is None:
            if len(self._views) >= MOST_VIEWS:
                self._views.clear()
            memory = self.memory[piece[0] : piece[1]]
            found = self._views[piece] = memory, memory.__array_struct__
        return found

    def lent(self) -> int:
        """Bytes of the pieces that are lent."""
        return self.top - sum(stop - start for start, stop in [*self.free, *self.returned])
