"""Rows for NumPy: how they are cut into blocks, and their exponentials with as few passes as can be.

An inner product with ones adds rows three times faster than `np.add.reduce`, and wakes no thread of BLAS. The
largest of each row is not looked for: e**x is taken as it is, and its sums say where that was wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise

import numpy as np

from xdl.threads import get_num_threads, parallel

BLOCK = 1 << 19  # elements of a block, about, at most
PARALLEL = 7 << 18  # elements times passes; below, waking a thread costs more than it gains
LEAD = 3 << 17  # elements times passes that the caller does more than the others, while they wake
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
    """The blocks of in_rows: one where threads would not pay, else as many for each, the caller's first longer by LEAD.

    So the caller ends last and nobody sleeps: a thread that ends beside another one, or waits for it, has to be woken.
    """
    if n * c * passes < PARALLEL:
        return (slice(0, n),) if n else ()
    lead = min(n, LEAD // (c * passes))
    share = -(-(n - lead) // threads)
    step = max(1, -(-share // max(1, -(-share * c // BLOCK))))
    return tuple(slice(low, high) for low, high in pairwise([0, *range(lead + step, n, step), n]))


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
