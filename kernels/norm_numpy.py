"""Batch normalization for NumPy: x (N, C, M), image by image in cache, on all threads.

Row sums are products with ones. Everywhere x - mu comes before the factors, so that a large mean costs no digits:

    y = a (x - mu) + beta    dx = a g + k (x - mu) + o    with a = gamma r, k = -a r dgamma / M, o = -a dbeta / M
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xdl.functional.norm import batch_norm_pair
from xdl.threads import get_num_threads, parallel

from .buffers_numpy import empty

PARALLEL = 1 << 20  # elements; below, the threads wait for the interpreter more often than they gain


def _images(x: np.ndarray, *_: Any) -> bool:
    return x.flags.c_contiguous and x.shape[2] >= 16


def _run(part: Callable[[int, int, int], None], x: np.ndarray) -> None:
    if x.size < PARALLEL:
        part(0, len(x), 0)
    else:
        parallel(part, len(x))


@batch_norm_pair.register("numpy", when=_images, why="C order with at least 16 values a channel and image")
class batch_norm_images:
    """((y, mu, var), saved) with mu and var of the batch, or given."""

    @staticmethod
    def forward(
        x: np.ndarray, gamma: Any, beta: Any, mu: Any, var: Any, eps: float
    ) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], Any]:
        batch = mu is None
        if batch:
            mu, var = _moments(x)
        r = 1 / np.sqrt(var + x.dtype.type(eps))
        a = r if gamma is None else gamma * r
        y = empty(x.shape, x.dtype)

        def part(low: int, high: int, thread: int) -> None:
            for i in range(low, high):
                np.subtract(x[i], mu[:, None], out=y[i])
                np.multiply(y[i], a[:, None], out=y[i])
                if beta is not None:
                    np.add(y[i], beta[:, None], out=y[i])

        _run(part, x)
        return (y, mu, var), (x, a, mu, r, batch)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, a, mu, r, batch = saved
        g = np.ascontiguousarray(g)
        n, c, m = x.shape
        ones = np.ones(m, x.dtype)
        sums = np.zeros((2, get_num_threads(), c), x.dtype)
        scratch = np.empty((get_num_threads(), c, m), x.dtype)

        def gather(low: int, high: int, thread: int) -> None:
            w = scratch[thread]
            for i in range(low, high):
                sums[0, thread] += g[i] @ ones
                np.subtract(x[i], mu[:, None], out=w)
                np.multiply(w, g[i], out=w)
                sums[1, thread] += w @ ones

        _run(gather, x)
        dbeta = np.add.reduce(sums[0], axis=0)
        dgamma = np.add.reduce(sums[1], axis=0) * r
        dx = empty(x.shape, x.dtype)
        k = -a * r * dgamma / (n * m)
        o = -a * dbeta / (n * m)

        def spread(low: int, high: int, thread: int) -> None:
            w = scratch[thread]
            for i in range(low, high):
                np.multiply(g[i], a[:, None], out=dx[i])
                if batch:
                    np.add(dx[i], o[:, None], out=dx[i])
                    np.subtract(x[i], mu[:, None], out=w)
                    np.multiply(w, k[:, None], out=w)
                    np.add(dx[i], w, out=dx[i])

        _run(spread, x)
        return dx, dgamma, dbeta


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the variance of each channel."""
    n, c, m = x.shape
    ones = np.ones(m, x.dtype)
    sums = np.zeros((2, get_num_threads(), c), x.dtype)
    scratch = np.empty((get_num_threads(), c, m), x.dtype)

    def add(low: int, high: int, thread: int) -> None:
        for i in range(low, high):
            sums[0, thread] += x[i] @ ones

    _run(add, x)
    mu = np.add.reduce(sums[0], axis=0) / x.dtype.type(n * m)

    def square(low: int, high: int, thread: int) -> None:
        w = scratch[thread]
        for i in range(low, high):
            np.subtract(x[i], mu[:, None], out=w)
            np.multiply(w, w, out=w)
            sums[1, thread] += w @ ones

    _run(square, x)
    return mu, np.add.reduce(sums[1], axis=0) / x.dtype.type(n * m)
