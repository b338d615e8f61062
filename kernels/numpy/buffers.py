"""Large NumPy arrays over reused memory.

A fresh array of megabytes costs three times a write into a warm one, because the system hands out its pages one
fault at a time. `empty` builds arrays over blocks that the pool keeps. Every view of an array refers to its block,
directly or through NumPy's `base`, so a block that nobody else refers to is free: the reference count says it,
and nothing has to be given back.
"""

from __future__ import annotations

from math import prod
from sys import getrefcount
from threading import Lock
from typing import Any

import numpy as np

SMALLEST = 1 << 18  # bytes; below, the C library's own allocator is as fast


class BufferPool:
    """Blocks of bytes by size class. `limit` bounds the bytes of free blocks that are kept."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._blocks: dict[int, list[np.ndarray]] = {}
        self._lock = Lock()

    def empty(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """An uninitialized C-order array, from the pool if it is large."""
        size = prod(shape) * np.dtype(dtype).itemsize
        if size < SMALLEST:
            return np.empty(shape, dtype)
        return np.ndarray(shape, dtype, buffer=self._block(_size_class(size)))

    def _block(self, size: int) -> np.ndarray:
        with self._lock:
            blocks = self._blocks.setdefault(size, [])
            for block in blocks:
                if getrefcount(block) == _FREE:
                    return block
            if self.free() > self.limit:
                self._drop_free()
            block = np.empty(size, np.uint8)
            self._blocks.setdefault(size, []).append(block)
            return block

    def _drop_free(self) -> None:
        for size in list(self._blocks):
            self._blocks[size] = [block for block in self._blocks[size] if getrefcount(block) != _FREE]

    def used(self) -> int:
        """Bytes of blocks that arrays refer to."""
        return self._bytes() - self.free()

    def free(self) -> int:
        """Bytes of blocks that wait for reuse."""
        total = 0
        for size, blocks in self._blocks.items():
            for block in blocks:
                if getrefcount(block) == _FREE:
                    total += size
        return total

    def clear(self) -> None:
        """Gives the free blocks back to the system."""
        with self._lock:
            self._drop_free()

    def _bytes(self) -> int:
        return sum(size * len(blocks) for size, blocks in self._blocks.items())


def _size_class(size: int) -> int:
    """The size rounded up to eighths of a power of two: at most 1/8 is wasted."""
    step = 1 << max(size.bit_length() - 4, 12)
    return -(-size // step) * step


_FREE = 3  # the list's reference, the loop variable's and getrefcount's own
pool = BufferPool(limit=1 << 30)
empty = pool.empty
