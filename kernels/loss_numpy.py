"""Cross entropy for NumPy: blocks of rows that stay in cache, row sums as products with ones.

A product with ones adds rows three times faster than `np.add.reduce`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from xdl.functional.loss import cross_entropy_pair
from xdl.functional.operands import check_indices
from xdl.threads import parallel

from .buffers_numpy import empty

BLOCK = 1 << 16  # elements of x in one block of rows
PARALLEL = 1 << 17


@cross_entropy_pair.register("numpy")
class cross_entropy_blocks:
    """The mean loss and, saved, its gradient (softmax(x) - onehot(t)) / N in one pass over x.

    Rows whose label is ignored are left out first, and put back with a gradient of 0.
    """

    @staticmethod
    def forward(x: np.ndarray, t: np.ndarray, ignored: int) -> tuple[np.ndarray, np.ndarray]:
        n, c = x.shape
        if n and not 0 <= np.minimum.reduce(t) <= np.maximum.reduce(t) < c:
            check_indices("cross_entropy", "target", t, c, ignored)
            return _without(x, t, ignored)
        if 0 <= ignored < c and (t == ignored).any():
            return _without(x, t, ignored)
        dx, losses = empty((n, c), x.dtype), np.empty(n, x.dtype)
        rows = max(1, BLOCK // c)
        share = x.dtype.type(1 / n if n else np.nan)
        ones, starts = _constants(min(rows, n), c, x.dtype)

        def part(low: int, high: int, thread: int) -> None:
            for i in range(low, high, rows):
                j = min(i + rows, high)
                _rows(x[i:j], starts[: j - i] + t[i:j], ones, share, dx[i:j], losses[i:j])

        if x.size >= PARALLEL:
            parallel(part, n)
        elif n <= rows:
            _rows(x, starts + t, ones, share, dx, losses)
        else:
            part(0, n, 0)
        return np.add.reduce(losses) * share, dx

    @staticmethod
    def backward(g: np.ndarray, dx: np.ndarray, needs: Any) -> tuple[np.ndarray, None, None]:
        return np.multiply(g, dx, out=empty(dx.shape, dx.dtype)), None, None


def _without(x: np.ndarray, t: np.ndarray, ignored: int) -> tuple[np.ndarray, np.ndarray]:
    """The loss and dx of the rows whose label counts, dx with zeros for the others."""
    kept = t != ignored
    y, part = cross_entropy_blocks.forward(x[kept], t[kept], -1)
    dx = np.zeros_like(x)
    dx[kept] = part
    return y, dx


@lru_cache(maxsize=16)
def _constants(rows: int, c: int, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Ones (c,), and where each row of (rows, c) begins."""
    return np.ones(c, dtype), np.arange(0, rows * c, c)


def _rows(x: np.ndarray, at: np.ndarray, ones: np.ndarray, share: Any, dx: np.ndarray, losses: np.ndarray) -> None:
    """Some rows of x: their losses, and share times their gradients; at: the places of the labels in dx, flat."""
    np.subtract(x, np.maximum.reduce(x, axis=1, keepdims=True), out=dx)
    picked = dx.take(at)
    np.exp(dx, out=dx)
    s = dx @ ones
    np.subtract(np.log(s), picked, out=losses)
    np.multiply(dx, (share / s)[:, None], out=dx)
    dx.put(at, dx.take(at) - share)
