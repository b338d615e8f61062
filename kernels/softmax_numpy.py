"""Softmax and log-softmax over the last dimension for NumPy: rows that stay in cache, sums as products with ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xdl.functional.softmax import log_softmax_pair, softmax_pair
from xdl.threads import parallel

from .buffers_numpy import empty

BLOCK = 1 << 15  # elements in one block of rows
PARALLEL = 1 << 19


def _rows(x: np.ndarray, dim: int) -> bool:
    return dim == x.ndim - 1 and x.flags.c_contiguous


def _run(part: Callable[[slice], None], n: int, c: int) -> None:
    step = max(1, BLOCK // c)

    def piece(low: int, high: int, thread: int) -> None:
        for i in range(low, high, step):
            part(slice(i, min(i + step, high)))

    if n * c < PARALLEL:
        piece(0, n, 0)
    else:
        parallel(piece, n)


@softmax_pair.register("numpy", when=_rows, why="C order, dim last")
class softmax_rows:
    """y = softmax of each row; saved: y."""

    @staticmethod
    def forward(x: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray]:
        y = empty(x.shape, x.dtype)
        c = x.shape[-1]
        source, out, ones = x.reshape(-1, c), y.reshape(-1, c), np.ones(c, x.dtype)

        def part(rows: slice) -> None:
            z = out[rows]
            np.subtract(source[rows], np.maximum.reduce(source[rows], axis=1, keepdims=True), out=z)
            np.exp(z, out=z)
            z *= np.reciprocal(z @ ones)[:, None]

        _run(part, len(source), c)
        return y, y

    @staticmethod
    def backward(g: np.ndarray, y: np.ndarray, needs: Any) -> tuple[np.ndarray]:
        dx = empty(y.shape, y.dtype)
        c = y.shape[-1]
        grads, values, out = np.ascontiguousarray(g).reshape(-1, c), y.reshape(-1, c), dx.reshape(-1, c)
        ones = np.ones(c, y.dtype)

        def part(rows: slice) -> None:
            d = out[rows]
            np.multiply(grads[rows], values[rows], out=d)
            np.subtract(grads[rows], (d @ ones)[:, None], out=d)
            np.multiply(d, values[rows], out=d)

        _run(part, len(values), c)
        return (dx,)


@log_softmax_pair.register("numpy", when=_rows, why="C order, dim last")
class log_softmax_rows:
    """y = log softmax of each row; saved: y."""

    @staticmethod
    def forward(x: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray]:
        y = empty(x.shape, x.dtype)
        c = x.shape[-1]
        source, out, ones = x.reshape(-1, c), y.reshape(-1, c), np.ones(c, x.dtype)

        def part(rows: slice) -> None:
            z = out[rows]
            np.subtract(source[rows], np.maximum.reduce(source[rows], axis=1, keepdims=True), out=z)
            z -= np.log(np.exp(z) @ ones)[:, None]

        _run(part, len(source), c)
        return y, y

    @staticmethod
    def backward(g: np.ndarray, y: np.ndarray, needs: Any) -> tuple[np.ndarray]:
        dx = empty(y.shape, y.dtype)
        c = y.shape[-1]
        grads, values, out = np.ascontiguousarray(g).reshape(-1, c), y.reshape(-1, c), dx.reshape(-1, c)
        ones = np.ones(c, y.dtype)

        def part(rows: slice) -> None:
            d = out[rows]
            np.exp(values[rows], out=d)
            d *= (grads[rows] @ ones)[:, None]
            np.subtract(grads[rows], d, out=d)

        _run(part, len(values), c)
        return (dx,)
