"""Cross entropy for NumPy: blocks of rows that stay in cache, row sums as products with ones.

A product with ones adds rows three times faster than `np.add.reduce`.
"""

from __future__ import annotations

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
    """The mean loss and, saved, its gradient (softmax(x) - onehot(t)) / N in one pass over x."""

    @staticmethod
    def forward(x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n, c = x.shape
        if n and not 0 <= np.minimum.reduce(t) <= np.maximum.reduce(t) < c:
            check_indices("cross_entropy", "target", t, c)
        dx, losses = empty((n, c), x.dtype), np.empty(n, x.dtype)
        rows = max(1, BLOCK // c)
        ones, share = np.ones(c, x.dtype), x.dtype.type(1 / n if n else np.nan)
        starts = np.arange(0, min(rows, n) * c, c)

        def part(low: int, high: int, thread: int) -> None:
            for i in range(low, high, rows):
                j = min(i + rows, high)
                z, at = dx[i:j], starts[: j - i] + t[i:j]  # at: the places of the labels in z, flat
                np.subtract(x[i:j], np.maximum.reduce(x[i:j], axis=1, keepdims=True), out=z)
                picked = z.take(at)
                np.exp(z, out=z)
                s = z @ ones
                np.subtract(np.log(s), picked, out=losses[i:j])
                z *= (share / s)[:, None]
                z.put(at, z.take(at) - share)

        if x.size < PARALLEL:
            part(0, n, 0)
        else:
            parallel(part, n)
        return np.add.reduce(losses) * share, dx

    @staticmethod
    def backward(g: np.ndarray, dx: np.ndarray, needs: Any) -> tuple[np.ndarray, None]:
        return np.multiply(g, dx, out=empty(dx.shape, dx.dtype)), None
