"""Running sums, extremes and logarithms of sums, and the recurrence of their gradients, compiled: one pass each."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from xdl.functional.reduce.cumulative import cumsum_pair
from xdl.functional.reduce.running import linear_scan_slot, running, running_best

from ..common.buffers import empty
from .compiled import Compiled
from .sharing import REALS, over, plain
from .slots import register

THREE = "T[:, :, ::1]"
cumsum_rows = Compiled("running.cumsum_rows", "T[:, ::1], T[:, ::1] | boolean")
cumsum = Compiled("running.cumsum", f"{THREE}, {THREE} | boolean")
linear_scan = Compiled("running.linear_scan", f"{THREE}, {THREE}, {THREE} | boolean")
logcumsumexp = Compiled("running.logcumsumexp", f"{THREE}, {THREE} |")
best = Compiled("running.running_best", f"{THREE}, int64[:, :, ::1] | boolean")
COST, SCAN, CURVED = 0.6, 2.0, 12.0  # nanoseconds an element


def _ordered(x: np.ndarray, *_: Any) -> bool:
    return x.dtype in REALS and x.size > 0 < x.ndim and x.flags.c_contiguous


def _around(x: np.ndarray, d: int) -> np.ndarray:
    """x (..., n, ...) as (A, n, B) with n at d."""
    return plain(x).reshape(prod(x.shape[:d]), x.shape[d], prod(x.shape[d + 1 :]))


@register(cumsum_pair, cumsum_rows, cumsum, when=_ordered, why="float32 or float64 in C order, not empty")
class cumsum_compiled:
    """y_i = x_1 + ... + x_i along d, or x_i + ... + x_n in reverse; saved: d and reverse."""

    @staticmethod
    def forward(x: np.ndarray, d: int, reverse: bool) -> tuple[np.ndarray, Any]:
        y, rows = empty(x.shape, x.dtype), d == x.ndim - 1
        arrays = [a[:, :, 0] if rows else a for a in (_around(x, d), _around(y, d))]
        cost = COST * x.size / len(arrays[0])
        over((cumsum_rows if rows else cumsum)[x.dtype], cost, arrays, bool(reverse))
        return y, (d, reverse)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray]:
        d, reverse = saved
        return (cumsum_compiled.forward(g, d, not reverse)[0],)


@register(linear_scan_slot, linear_scan, when=_ordered, why="float32 or float64 in C order, not empty")
class linear_scan_compiled:
    """y_i = b_i + a_(i-1) y_(i-1) along d, in reverse y_i = b_i + a_i y_(i+1)."""

    @staticmethod
    def forward(b: np.ndarray, a: np.ndarray, d: int, reverse: bool) -> tuple[np.ndarray, None]:
        y = empty(b.shape, b.dtype)
        arrays = [_around(b, d), _around(a, d), _around(y, d)]
        over(linear_scan[b.dtype], SCAN * b.size / len(arrays[0]), arrays, bool(reverse))
        return y, None


def _logarithms(x: np.ndarray, d: int, operation: str) -> bool:
    return operation == "logsumexp" and _ordered(x)


@register(running, logcumsumexp, when=_logarithms, why="logsumexp of float32 or float64 in C order, not empty")
class logcumsumexp_compiled:
    """y_i = ln(e**x_1 + ... + e**x_i) along d."""

    @staticmethod
    def forward(x: np.ndarray, d: int, operation: str) -> tuple[np.ndarray, None]:
        y = empty(x.shape, x.dtype)
        arrays = [_around(x, d), _around(y, d)]
        over(logcumsumexp[x.dtype], CURVED * x.size / len(arrays[0]), arrays)
        return y, None


@register(running_best, best, when=_ordered, why="float32 or float64 in C order, not empty")
class running_best_compiled:
    """The index along d of the largest (or smallest) x so far."""

    @staticmethod
    def forward(x: np.ndarray, d: int, largest: bool) -> tuple[np.ndarray, None]:
        index = empty(x.shape, np.int64)
        arrays = [_around(x, d), _around(index, d)]
        over(best[x.dtype], SCAN * x.size / len(arrays[0]), arrays, bool(largest))
        return index, None
