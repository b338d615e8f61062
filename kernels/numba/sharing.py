"""How compiled loops get their arrays and share their work out to xdl's pool.

A loop computes all that it is given; threads are given parts. What adds over rows is cut into parts whose number
depends on the shape alone, so that no sum depends on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from xdl.threads import get_num_threads, parallel

from ..common.buffers import empty
from ..common.memory_order import empty_like, memory_order
from ..common.turning import turned
from .compiled import TYPES

WORTH = 100_000  # nanoseconds of work; below, waking a thread costs more than it gains
ROWS = 256  # of which one sum is made
REALS = frozenset(np.dtype(name) for name in TYPES)


def plain(x: np.ndarray) -> np.ndarray:
    """x in C order as loops take it: aligned, and in memory that could be written; a copy where it is not."""
    return x if x.flags.carray else np.array(x, order="C")


def over(loop: Callable[..., None], cost: float, arrays: Sequence[np.ndarray], *numbers: Any) -> None:
    """loop(*arrays, *numbers), cut along the first dimension that all arrays have. cost: nanoseconds for one of it."""
    n = len(arrays[0])
    if n * cost < WORTH or get_num_threads() == 1:
        loop(*arrays, *numbers)
    else:
        parallel(lambda low, high, _: loop(*[a[low:high] for a in arrays], *numbers), n)


def elements(
    loop: Callable[..., None], cost: float, x: np.ndarray, *more: np.ndarray, numbers: Sequence[Any] = ()
) -> np.ndarray:
    """A new array like the dense x, filled by loop(x, *more, y, *numbers) on all, in the order of x's memory."""
    if x.flags.c_contiguous:
        y = empty(x.shape, x.dtype)
        over(loop, cost, [plain(a).reshape(-1) for a in (x, *more)] + [y.reshape(-1)], *numbers)
        return y
    order = memory_order(x) or []
    y = empty_like(x, order)
    flat = [turned(a, order).reshape(-1) for a in (x, *more)]
    over(loop, cost, [*flat, y.transpose(order).reshape(-1)], *numbers)
    return y


def in_parts(loop: Callable[..., None], cost: float, arrays: Sequence[np.ndarray], sums: int, *numbers: Any) -> Any:
    """loop(*arrays, s, *numbers) for parts of ROWS rows, each with its own sums s (sums, D); the total of all s."""
    n, d = arrays[0].shape
    cuts = [*range(0, n, ROWS), n]
    parts = np.zeros((max(1, len(cuts) - 1), sums, d), arrays[0].dtype)

    def piece(low: int, high: int, thread: int) -> None:
        for k, (first, last) in enumerate(pairwise(cuts[low : high + 1]), low):
            loop(*[a[first:last] for a in arrays], parts[k], *numbers)

    if n * cost < WORTH:
        piece(0, len(cuts) - 1, 0)
    else:
        parallel(piece, len(cuts) - 1)
    return parts[0] if len(parts) == 1 else np.add.reduce(parts, axis=0)


def dense(x: np.ndarray) -> bool:
    """Whether x is of floats, with one element at least, without gaps in memory."""
    return x.dtype in REALS and x.size > 0 < x.ndim and (x.flags.c_contiguous or memory_order(x) is not None)


def last_dim(x: np.ndarray, dim: int) -> bool:
    """Whether rows of floats lie in memory one after the other along the last dimension, which dim is."""
    return x.dtype in REALS and x.size > 0 and dim == x.ndim - 1 and x.flags.c_contiguous
