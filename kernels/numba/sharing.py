"""How compiled loops get their arrays and share their work out to xdl's pool.

A loop computes all that it is given; threads are given parts. What adds over rows is cut into parts whose number
depends on the shape alone, so that no sum depends on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from xdl.threads import get_num_threads

from ..common.buffers import empty
from ..common.memory_order import empty_like, memory_order
from ..common.turning import turned
from . import team
from .compiled import TYPES
from .compiled import plain as plain

FORK = 6_000  # nanoseconds of work; below, a fork and a join take longer than they gain
WORTH = 50_000  # nanoseconds of work; below, waking a thread costs more than it gains
ROWS = 256  # of which one sum is made
REALS = frozenset(np.dtype(name) for name in TYPES)


def over(loop: Callable[..., None], cost: float, arrays: Sequence[np.ndarray], *numbers: Any) -> None:
    """loop(*arrays, *numbers), cut along the first dimension that all arrays have. cost: nanoseconds for one of it."""
    n = len(arrays[0])
    waking = n * cost >= WORTH
    if (
        n * cost < FORK
        or n < 2
        or get_num_threads() == 1
        or not team.shared(loop, waking, team.rows_each(n, waking), arrays, [], numbers)
    ):
        loop(*arrays, *numbers)


def elements(
    loop: Callable[..., None], cost: float, x: np.ndarray, *more: np.ndarray, numbers: Sequence[Any] = ()
) -> np.ndarray:
    """A new array like the dense x, filled by loop(x, *more, y, *numbers) on all, in the order of x's memory."""
    return several(1, loop, cost, x, *more, numbers=numbers)[0]


def several(
    count: int, loop: Callable[..., None], cost: float, x: np.ndarray, *more: np.ndarray, numbers: Sequence[Any] = ()
) -> list[np.ndarray]:
    """New arrays like the dense x, filled by loop(x, *more, *new, *numbers) on all, in the order of x's memory."""
    if x.flags.c_contiguous:
        new = [empty(x.shape, x.dtype) for _ in range(count)]
        over(loop, cost, [plain(a).reshape(-1) for a in (x, *more)] + [y.reshape(-1) for y in new], *numbers)
        return new
    order = memory_order(x) or []
    new = [empty_like(x, order) for _ in range(count)]
    flat = [turned(a, order).reshape(-1) for a in (x, *more)]
    over(loop, cost, flat + [y.transpose(order).reshape(-1) for y in new], *numbers)
    return new


def in_parts(loop: Callable[..., None], cost: float, arrays: Sequence[np.ndarray], sums: int, *numbers: Any) -> Any:
    """loop(*arrays, s, *numbers) for parts of ROWS rows, each with its own sums s (sums, D); the total of all s."""
    n, d = arrays[0].shape
    cuts = [*range(0, n, ROWS), n]
    parts = np.zeros((max(1, len(cuts) - 1), sums, d), arrays[0].dtype)

    shared = n > ROWS and n * cost >= FORK and get_num_threads() > 1
    if not (shared and team.shared(loop, n * cost >= WORTH, ROWS, arrays, [parts], numbers)):
        for k, (first, last) in enumerate(pairwise(cuts)):
            loop(*[a[first:last] for a in arrays], parts[k], *numbers)
    return parts[0] if len(parts) == 1 else np.add.reduce(parts, axis=0)


@cache
def nothing(dtype: Any, ndim: int = 1) -> np.ndarray:
    """An empty array, which stands for one that is not there."""
    return np.empty((0,) * ndim, dtype)


def dense(x: np.ndarray) -> bool:
    """Whether x is of floats, with one element at least, without gaps in memory."""
    return x.dtype in REALS and x.size > 0 < x.ndim and (x.flags.c_contiguous or memory_order(x) is not None)


def last_dim(x: np.ndarray, dim: int) -> bool:
    """Whether rows of floats lie in memory one after the other along the last dimension, which dim is."""
    return x.dtype in REALS and x.size > 0 and dim == x.ndim - 1 and x.flags.c_contiguous
