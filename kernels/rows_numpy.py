"""Rows for NumPy: how they are cut into blocks, and their exponentials with as few passes as can be.

An inner product with ones adds rows three times faster than `np.add.reduce`, and wakes no thread of BLAS. The
largest of each row is not looked for: e**x is taken as it is, and its sums say where that was wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np

from xdl.threads import get_num_threads, parallel

BLOCK = 1 << 19  # elements of a block, at most; at least an eighth, so that the threads seldom meet at the interpreter
PARALLEL = 5 << 19  # elements times passes; below, waking a thread costs more than it gains
LONG = 512  # elements of a row
LOW, HIGH = 1e-4, 1e8  # sums between them come of exponentials that lose no digits


@contextmanager
def long_rows() -> Iterator[None]:
    """Inside, NumPy meets every row of LONG elements or more with its own number, or all with one vector, directly.

    Left alone it first writes numbers and vectors into its buffer, as often as they are needed: twice the time.
    """
    with np.errstate():  # gives the size of the buffer back
        np.setbufsize(LONG)
        yield


def in_rows(part: Callable[[slice, int], None], n: int, c: int, passes: int) -> None:
    """Calls part(rows, k) for all blocks k of n rows of c elements, each on the thread that is free first.

    passes: how often part goes over its elements, exponentials counted as three
    """
    blocks = row_blocks(n, c, passes, get_num_threads())
    left = iter(enumerate(blocks))

    def work(low: int, high: int, thread: int) -> None:
        for k, rows in left:
            part(rows, k)

    def work_on_long_rows(low: int, high: int, thread: int) -> None:
        with long_rows():
            work(low, high, thread)

    chosen = work if c < LONG else work_on_long_rows
    if len(blocks) < 2:
        chosen(0, 1, 0)
    else:
        parallel(chosen, get_num_threads())


@lru_cache(maxsize=64)
def row_blocks(n: int, c: int, passes: int, threads: int) -> tuple[slice, ...]:
    """The blocks of in_rows: one where threads would not pay, else ever smaller ones, so that all threads end together.

    A thread wakes late, so that halves would let the first wait.
    """
    if n * c * passes < PARALLEL:
        return (slice(0, n),) if n else ()
    most, least = max(1, BLOCK // c), max(1, BLOCK // 8 // c)
    blocks, low = [], 0
    while low < n:
        high = min(n, low + max(least, min(most, (n - low) // threads)))
        blocks.append(slice(low, high))
        low = high
    return tuple(blocks)


def exponentials(x: np.ndarray, ones: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """out = e**(x - m) for rows x (R, C), R > 0, and (sums, m), both (R,); ones (C,).

    m is None for 0 everywhere. A row whose sum leaves (LOW, HIGH), or is nan, is done again with its maximum as m.
    """
    with np.errstate(over="ignore"):
        np.exp(x, out=out)
        s = np.vecdot(out, ones)
    if s[s.argmin()] > LOW and s[s.argmax()] < HIGH:  # for few rows four times faster than np.minimum.reduce
        return s, None
    far = np.flatnonzero(~((s > LOW) & (s < HIGH)))
    m = np.zeros_like(s)
    m[far] = largest = np.maximum.reduce(x[far], axis=1)
    out[far] = again = np.exp(x[far] - largest[:, None])
    s[far] = np.vecdot(again, ones)
    return s, m
