"""Batch normalization for NumPy: x (N, C, M), some channels of an image at a time in cache, on all threads.

Row sums are inner products. The mean and variance come from one pass: the mean of the first image is taken off
first.

    s = mean of the first image    d = mean (x - s)    mu = s + d    var = mean (x - s)**2 - d**2
    y = a (x - mu) + beta    dx = a g + k (x - mu) + o    with a = gamma r, k = -a r dgamma / M, o = -a dbeta / M

x - mu comes before the factors, so that a large mean costs no digits. Where every mean is near zero it saves none
and costs a pass: there mu goes into beta, o and dgamma.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xdl.functional import either
from xdl.functional.norm.batch_norm import batch_norm_pair, through_statistics
from xdl.threads import get_num_threads, parallel, serial

from ..common.buffers import empty
from .rows import LONG, long_rows
from .slots import register

BLOCK = 1 << 19  # values of one block, unless a channel has more: calls so long that the threads seldom meet
PARALLEL = 1 << 20  # values; below, the threads wait for the interpreter more often than they gain
NEAR = 4  # stds

Part = Callable[[slice, slice, np.ndarray, int], None]


def _images(x: np.ndarray, *_: Any) -> bool:
    return x.flags.c_contiguous and x.shape[2] >= 16 and x.size > 0


def _run(part: Part, x: np.ndarray) -> None:
    """Calls part(image, channels, scratch, thread) for all blocks of x; scratch has the block's shape."""
    n, c, m = x.shape
    threads = get_num_threads()
    images = max(1, -(-n // (-(-x.size // (BLOCK * threads)) * threads)))  # in as many blocks for every thread
    width = min(c, max(1, BLOCK // m))
    blocks = [
        (slice(i, min(i + images, n)), slice(j, min(j + width, c)))
        for i in range(0, n, images)
        for j in range(0, c, width)
    ]

    scratch = empty((threads, images, width, m), x.dtype)

    def piece(low: int, high: int, thread: int) -> None:
        for i, j in blocks[low:high]:
            part(i, j, scratch[thread, : i.stop - i.start, : j.stop - j.start], thread)

    def piece_of_long_rows(low: int, high: int, thread: int) -> None:
        with long_rows():
            piece(low, high, thread)

    (serial if x.size < PARALLEL else parallel)(piece if m < LONG else piece_of_long_rows, len(blocks))


@register(batch_norm_pair, when=_images, why="C order with at least 16 values a channel and image")
class batch_norm_images:
    """(y, mu, var) with mu and var of the batch, or given."""

    @staticmethod
    def forward(
        x: np.ndarray, gamma: Any, beta: Any, mu: Any, var: Any, eps: float
    ) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], Any]:
        batch = mu is None
        if batch:
            mu, var = _moments(x)
        r = 1 / np.sqrt(var + x.dtype.type(eps))
        near = is_near_zero(mu, r)
        a, beta = factors(gamma, beta, mu, r, near)
        y = empty(x.shape, x.dtype)
        mean, factor, offset = mu[:, None], a[:, None], None if beta is None else beta[:, None]

        def part(i: slice, c: slice, scratch: np.ndarray, thread: int) -> None:
            out = np.multiply(subtract_mean(x[i, c], mean[c], near, y[i, c]), factor[c], out=y[i, c])
            if offset is not None:
                np.add(out, offset[c], out=out)

        _run(part, x)
        return (y, mu, var), (x, a, mu, r, batch)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, a, mu, r, batch = saved
        g, dmu, dvar = either.given(g[0], x), g[1], g[2]
        g = np.ascontiguousarray(g)
        n, c, m = x.shape
        ones = np.ones(m, x.dtype)
        sums = np.zeros((get_num_threads(), 2, c), x.dtype)
        mean, near = mu[:, None], is_near_zero(mu, r)

        def gather(i: slice, c: slice, scratch: np.ndarray, thread: int) -> None:
            grads = g[i, c]
            sums[thread, 0, c] += np.add.reduce(grads @ ones)
            sums[thread, 1, c] += np.add.reduce(np.vecdot(subtract_mean(x[i, c], mean[c], near, scratch), grads))

        _run(gather, x)
        dbeta, dgamma, k, o = slopes(np.add.reduce(sums), a, mu, r, n * m, near)
        dx = empty(x.shape, x.dtype)
        factor, slope, offset = a[:, None], k[:, None], o[:, None]

        def spread(i: slice, c: slice, scratch: np.ndarray, thread: int) -> None:
            out = np.multiply(g[i, c], factor[c], out=dx[i, c])
            if batch:
                np.add(out, offset[c], out=out)
                line = np.multiply(subtract_mean(x[i, c], mean[c], near, scratch), slope[c], out=scratch)
                np.add(out, line, out=out)

        _run(spread, x)
        return through_statistics(dx, x, mu, dmu, dvar) if batch else dx, dgamma, dbeta


def is_near_zero(mu: np.ndarray, r: np.ndarray) -> bool:
    """Whether no mean is more than NEAR stds from 0."""
    return bool((np.abs(mu) * r).max() <= NEAR)


def subtract_mean(x: np.ndarray, mean: np.ndarray, near: bool, out: np.ndarray) -> np.ndarray:
    """x - mean in out, or x itself where the mean is taken off later."""
    return x if near else np.subtract(x, mean, out=out)


def factors(gamma: Any, beta: Any, mu: np.ndarray, r: np.ndarray, near: bool) -> tuple[np.ndarray, Any]:
    """a, and what is added to a (x - mu), or to a x if near: None for nothing."""
    a = r if gamma is None else gamma * r
    if near:
        beta = -a * mu if beta is None else beta - a * mu
    return a, beta


def slopes(
    sums: np.ndarray, a: np.ndarray, mu: np.ndarray, r: np.ndarray, m: int, near: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """dbeta, dgamma, k and o from the sums (2, C) of g and of g (x - mu); if near, of g x, and o goes with k x."""
    dbeta, products = sums
    dgamma = (products - mu * dbeta if near else products) * r
    k, o = -a * r * dgamma / m, -a * dbeta / m
    return dbeta, dgamma, k, o - k * mu if near else o


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the variance of each channel."""
    n, c, m = x.shape
    ones = np.ones(m, x.dtype)
    shift = (x[0] @ ones) / x.dtype.type(m)
    first = shift[:, None]
    sums = np.zeros((get_num_threads(), 2, c), x.dtype)

    def add(i: slice, c: slice, scratch: np.ndarray, thread: int) -> None:
        np.subtract(x[i, c], first[c], out=scratch)
        sums[thread, 0, c] += np.add.reduce(scratch @ ones)
        sums[thread, 1, c] += np.add.reduce(np.vecdot(scratch, scratch))

    _run(add, x)
    d, square = np.add.reduce(sums) / x.dtype.type(n * m)
    return shift + d, np.maximum(square - d * d, 0)
