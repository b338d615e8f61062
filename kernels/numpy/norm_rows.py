"""Batch normalization for NumPy in channels-last memory: blocks of rows (pixels, C) in cache, on all threads.

Some pixels side by side count as one row, `fold` times as wide, so that NumPy's inner loops are long for few
channels too; the sums are folded back to C. `norm.py` has the formulas; s is the mean of the first block here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xdl.functional import either
from xdl.functional.norm.batch_norm import batch_norm_pair, through_statistics
from xdl.threads import get_num_threads, parallel, serial

from ..common.buffers import empty
from .norm import factors, is_near_zero, slopes, subtract_mean
from .rows import long_rows
from .slots import register

BLOCK = 1 << 17  # values of one block: a block and its scratch stay in cache
WIDTH = 4096  # values of a folded row, at most, unless C is larger
PARALLEL = 1 << 20  # values; below, the threads wait for the interpreter more often than they gain


def _rows(x: np.ndarray, *_: Any) -> bool:
    return x.shape[1] > 1 and x.size > 0 and x.transpose(0, 2, 1).flags.c_contiguous


class Rows:
    """x (N, C, M) in channels-last memory as rows of fold C values."""

    def __init__(self, x: np.ndarray) -> None:
        n, self.c, m = x.shape
        self.count, self.fold = n * m, 1
        while self.fold * 2 * self.c <= WIDTH and self.count % (self.fold * 2) == 0:
            self.fold *= 2
        self.width = self.fold * self.c
        self.height = max(1, BLOCK // self.width)
        self.blocks = -(-self.count // self.fold // self.height)

    def of(self, x: np.ndarray) -> np.ndarray:
        """The rows of x, or of a gradient of its shape."""
        return np.ascontiguousarray(x.transpose(0, 2, 1)).reshape(-1, self.width)

    def wide(self, channel: np.ndarray) -> np.ndarray:
        """A value of each channel, for a row."""
        return np.repeat(channel[None], self.fold, 0).reshape(-1)

    def run(self, part: Callable[[int, slice, int], None]) -> None:
        """Calls part(i, rows, thread) for all blocks i of rows, in parallel where they are worth it."""
        total, height = self.count // self.fold, self.height

        def pieces(low: int, high: int, thread: int) -> None:
            with long_rows():
                for i in range(low, high):
                    part(i, slice(i * height, min((i + 1) * height, total)), thread)

        (parallel if self.count * self.c >= PARALLEL else serial)(pieces, self.blocks)

    def scratch(self, dtype: Any) -> np.ndarray:
        """A block for each thread."""
        return empty((get_num_threads(), self.height, self.width), dtype)

    def sums(self, fill: Callable[[slice, np.ndarray, np.ndarray], None], dtype: Any) -> np.ndarray:
        """Two sums (2, C) over all pixels; fill(rows, scratch, into) writes those of a block to into (2, width)."""
        into = np.empty((self.blocks, 2, self.width), dtype)
        scratch = self.scratch(dtype)
        self.run(lambda i, rows, thread: fill(rows, scratch[thread, : rows.stop - rows.start], into[i]))
        folded: np.ndarray = np.add.reduce(into).reshape(2, self.fold, self.c).sum(1)
        return folded


@register(batch_norm_pair, when=_rows, why="dense channels-last memory")
class batch_norm_rows:
    """(y, mu, var) with mu and var of the batch, or given."""

    @staticmethod
    def forward(
        x: np.ndarray, gamma: Any, beta: Any, mu: Any, var: Any, eps: float
    ) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], Any]:
        rows = Rows(x)
        source = rows.of(x)
        batch = mu is None
        if batch:
            mu, var = _moments(source, rows)
        r = 1 / np.sqrt(var + x.dtype.type(eps))
        near = is_near_zero(mu, r)
        a, beta = factors(gamma, beta, mu, r, near)
        y = empty(source.shape, x.dtype)
        mean, factor, offset = rows.wide(mu), rows.wide(a), None if beta is None else rows.wide(beta)

        def part(_: int, block: slice, thread: int) -> None:
            out = np.multiply(subtract_mean(source[block], mean, near, y[block]), factor, out=y[block])
            if offset is not None:
                np.add(out, offset, out=out)

        rows.run(part)
        return (_tensor(y, x.shape), mu, var), (x, a, mu, r, batch)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, a, mu, r, batch = saved
        g, dmu, dvar = either.given(g[0], x), g[1], g[2]
        rows = Rows(x)
        source, grads = rows.of(x), rows.of(g)
        mean, near = rows.wide(mu), is_near_zero(mu, r)
        ones = np.ones(rows.height, x.dtype)

        def fill(block: slice, scratch: np.ndarray, into: np.ndarray) -> None:
            part, one = grads[block], ones[: len(scratch)]
            np.matmul(one, part, out=into[0])
            np.multiply(subtract_mean(source[block], mean, near, scratch), part, out=scratch)
            np.matmul(one, scratch, out=into[1])

        dbeta, dgamma, k, o = slopes(rows.sums(fill, x.dtype), a, mu, r, rows.count, near)
        dx = empty(source.shape, x.dtype)
        factor, slope, offset = rows.wide(a), rows.wide(k), rows.wide(o)
        scratch = rows.scratch(x.dtype)

        def spread(_: int, block: slice, thread: int) -> None:
            out = np.multiply(grads[block], factor, out=dx[block])
            if batch:
                np.add(out, offset, out=out)
                line = scratch[thread, : len(out)]
                np.add(out, np.multiply(subtract_mean(source[block], mean, near, line), slope, out=line), out=out)

        rows.run(spread)
        whole = _tensor(dx, x.shape)
        return through_statistics(whole, x, mu, dmu, dvar) if batch else whole, dgamma, dbeta


def _tensor(rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(N, C, M) over the memory of rows."""
    n, c, m = shape
    return rows.reshape(n, m, c).transpose(0, 2, 1)


def _moments(source: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the variance of each channel."""
    first = source[: rows.height].reshape(-1, rows.c)
    shift = (np.ones(len(first), source.dtype) @ first) / source.dtype.type(len(first))
    wide, ones = rows.wide(shift), np.ones(rows.height, source.dtype)

    def fill(block: slice, scratch: np.ndarray, into: np.ndarray) -> None:
        one = ones[: len(scratch)]
        np.subtract(source[block], wide, out=scratch)
        np.matmul(one, scratch, out=into[0])
        np.multiply(scratch, scratch, out=scratch)
        np.matmul(one, scratch, out=into[1])

    d, square = rows.sums(fill, source.dtype) / source.dtype.type(rows.count)
    return shift + d, np.maximum(square - d * d, 0)
