"""Layer normalization for NumPy: rows that stay in cache, on all threads; means as products with a vector of 1 / D."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xdl.functional.layer_norm import layer_norm_pair
from xdl.threads import get_num_threads, parallel

from .buffers_numpy import empty

BLOCK = 1 << 15  # elements in one block of rows
PARALLEL = 1 << 16


def _matrix(x: np.ndarray, *_: Any) -> bool:
    return x.flags.c_contiguous and x.size > 0


def _run(part: Callable[[slice, np.ndarray, int], None], x: np.ndarray) -> None:
    """Calls part(rows, scratch, thread) for all blocks of rows; scratch has a block's shape."""
    rows = max(1, BLOCK // x.shape[1])

    def piece(low: int, high: int, thread: int) -> None:
        scratch = np.empty((min(rows, len(x)), x.shape[1]), x.dtype)
        for i in range(low, high, rows):
            j = min(i + rows, high)
            part(slice(i, j), scratch[: j - i], thread)

    if x.size < PARALLEL:
        piece(0, len(x), 0)
    else:
        parallel(piece, len(x))


@layer_norm_pair.register("numpy", when=_matrix, why="C order, not empty")
class layer_norm_rows:
    """y = gamma xhat + beta; saved: x, gamma, mu and r = 1 / sqrt(var + eps)."""

    @staticmethod
    def forward(x: np.ndarray, gamma: Any, beta: Any, eps: float) -> tuple[np.ndarray, Any]:
        n, d = x.shape
        share = np.full(d, 1 / d, x.dtype)
        y, mu, r = empty(x.shape, x.dtype), np.empty((n, 1), x.dtype), np.empty((n, 1), x.dtype)

        def part(rows: slice, w: np.ndarray, thread: int) -> None:
            out = y[rows]
            np.matmul(x[rows], share, out=mu[rows, 0])
            np.subtract(x[rows], mu[rows], out=out)
            np.multiply(out, out, out=w)
            var = w @ share
            var += x.dtype.type(eps)
            np.reciprocal(np.sqrt(var, out=var), out=r[rows, 0])
            np.multiply(out, r[rows], out=out)
            if gamma is not None:
                np.multiply(out, gamma, out=out)
            if beta is not None:
                np.add(out, beta, out=out)

        _run(part, x)
        return y, (x, gamma, mu, r)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, gamma, mu, r = saved
        g = np.ascontiguousarray(g)
        d = x.shape[1]
        share, ones = np.full(d, 1 / d, x.dtype), np.ones(max(1, BLOCK // d), x.dtype)
        sums = np.zeros((2, get_num_threads(), d), x.dtype)
        dx = empty(x.shape, x.dtype)

        def part(rows: slice, w: np.ndarray, thread: int) -> None:
            out, every = dx[rows], ones[: rows.stop - rows.start]
            xhat = np.subtract(x[rows], mu[rows])
            np.multiply(xhat, r[rows], out=xhat)
            np.multiply(g[rows], xhat, out=w)
            sums[0, thread] += every @ w
            sums[1, thread] += every @ g[rows]
            if gamma is None:
                np.copyto(out, g[rows])
            else:
                np.multiply(g[rows], gamma, out=out)
                np.multiply(w, gamma, out=w)
            mean, slope = out @ share, w @ share
            np.multiply(xhat, slope[:, None], out=xhat)
            np.subtract(out, xhat, out=out)
            np.subtract(out, mean[:, None], out=out)
            np.multiply(out, r[rows], out=out)

        _run(part, x)
        dgamma, dbeta = np.add.reduce(sums, axis=1)
        return dx, dgamma, dbeta
