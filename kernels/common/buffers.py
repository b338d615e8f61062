"""Large NumPy arrays over reused memory.

A fresh array of megabytes costs three times a write into a warm one, because the system hands out its pages one
fault at a time. `empty` builds arrays over blocks that the pool keeps and lends:

    array -- base --> bytes of the block -- base --> Lease --> block

Whatever reads the memory (views, views of views, a memoryview, a DLPack export) holds the array or its base, and so
the lease. When the last of them goes, the lease goes too and puts the block back into its pool: nothing is counted,
and nothing has to be given back.

Arrays that are read and written together must not begin at the same place of a page: a processor that looks at the last
twelve bits of an address takes what is read for what is just being written, and waits. Nor may a vector lie in two
lines of the cache. A step of Adam takes 0.28 nanoseconds a number where its arrays begin a quarter of a page apart,
0.95 where all begin 16 bytes behind a page's begin, as large ones of the C library do. So each block begins at another
line of its page.

A lease may die anywhere: on another thread, in the middle of `empty`, after a fork, while the interpreter shuts down.
So there is no lock. What threads share are lists and dictionaries, of which each single operation is atomic; to make a
list of a dictionary's items is not, but to copy it is.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from math import prod
from typing import Any

import numpy as np

SMALLEST = 1 << 18  # bytes; below, the C library's own allocator is as fast
PAGE, APART = 4096, 17 * 64  # bytes: from one block's place in its page to the next one's
Block = tuple[np.ndarray, Any]  # bytes, and their `__array_struct__`, which takes as long to make as a lease


class Lease:
    """A block that is lent. NumPy takes its memory through `__array_struct__`, and keeps the lease as the base."""

    __slots__ = ("__array_struct__", "_block", "_home", "_lent")

    def __init__(self, block: Block, home: list[Block], lent: dict[int, int]) -> None:
        """home: the free blocks of its size, to which it returns; lent: the bytes of every living lease, by its id."""
        memory, self.__array_struct__ = block
        lent[id(self)] = memory.nbytes
        self._lent, self._home, self._block = lent, home, block  # the block last: __del__ may come before, at a Ctrl-C

    def __del__(self) -> None:
        if hasattr(self, "_block"):
            self._lent.pop(id(self), None)
            self._home.append(self._block)


class BufferPool:
    """Blocks by size class. `limit` bounds the bytes of free blocks that are kept when another one has to be made."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._free: dict[int, list[Block]] = {}
        self._lent: dict[int, int] = {}

    def empty(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """An uninitialized C-order array, from the pool if it is large."""
        size = _block_size(shape, dtype)
        if not size:
            return np.empty(shape, dtype)
        home = self._free.setdefault(size, [])
        try:
            block = home.pop()
        except IndexError:
            block = self._new(size)
        return np.ndarray(shape, dtype, np.asarray(Lease(block, home, self._lent)))

    def _new(self, size: int) -> Block:
        if self.free() > self.limit:
            self.clear()
        memory = placed(np.empty(size + PAGE, np.uint8), next(_blocks))[:size]
        return memory, memory.__array_struct__

    def used(self) -> int:
        """Bytes of blocks that arrays refer to."""
        return sum(self._lent.copy().values())

    def free(self) -> int:
        """Bytes of blocks that wait for reuse."""
        return sum(size * len(blocks) for size, blocks in self._free.copy().items())

    def clear(self) -> None:
        """Gives the free blocks back to the system."""
        for blocks in self._free.copy().values():
            blocks.clear()


@lru_cache(maxsize=4096)
def _block_size(shape: tuple[int, ...], dtype: Any) -> int:
    """Bytes of the block for such an array, rounded up to eighths of a power of two; 0 for an array without one."""
    size = prod(shape) * int(np.dtype(dtype).itemsize)
    if size < SMALLEST:
        return 0
    step = 1 << max(size.bit_length() - 4, 12)
    return -(-size // step) * step


def placed(memory: np.ndarray, place: int) -> np.ndarray:
    """Bytes from that place of a page on: numbers that differ by less than 64 give different ones."""
    return memory[(place * APART - memory.ctypes.data) % PAGE :]


def zeros(size: int, dtype: Any, place: int) -> np.ndarray:
    """Zeros that begin at that place of a page."""
    nbytes = size * int(np.dtype(dtype).itemsize)
    return placed(np.zeros(nbytes + PAGE, np.uint8), place)[:nbytes].view(dtype)


_blocks = count()
pool = BufferPool(limit=1 << 30)
empty = pool.empty


def constant(x: np.ndarray) -> np.ndarray:
    """x itself, which nobody can write any more: what is kept for all threads has to be so."""
    x.flags.writeable = False
    return x
