"""Softmax and log-softmax over the last dimension for NumPy, in blocks of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.reduce.softmax import log_softmax_pair, softmax_pair

from ..common.buffers import empty
from .rows import exponentials, in_rows
from .slots import register


def _last_dim(x: np.ndarray, dim: int) -> bool:
    return dim == x.ndim - 1 and x.flags.c_contiguous


@register(softmax_pair, when=_last_dim, why="C order, dim last")
class softmax_rows:
    """y = softmax of each row; saved: y."""

    @staticmethod
    def forward(x: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray]:
        y = empty(x.shape, x.dtype)
        c = x.shape[-1]
        source, out, ones = x.reshape(-1, c), y.reshape(-1, c), np.ones(c, x.dtype)

        def part(rows: slice, k: int) -> None:
            s, _ = exponentials(source[rows], ones, out[rows])
            np.multiply(out[rows], np.reciprocal(s)[:, None], out=out[rows])

        in_rows(part, len(source), c, 5)
        return y, y

    @staticmethod
    def backward(g: np.ndarray, y: np.ndarray, needs: Any) -> tuple[np.ndarray]:
        dx = empty(y.shape, y.dtype)
        c = y.shape[-1]
        grads, values, out = np.ascontiguousarray(g).reshape(-1, c), y.reshape(-1, c), dx.reshape(-1, c)

        def part(rows: slice, k: int) -> None:
            along = np.vecdot(grads[rows], values[rows])
            np.subtract(grads[rows], along[:, None], out=out[rows])
            np.multiply(out[rows], values[rows], out=out[rows])

        in_rows(part, len(values), c, 3)
        return (dx,)


@register(log_softmax_pair, when=_last_dim, why="C order, dim last")
class log_softmax_rows:
    """y = log softmax of each row; saved: y."""

    @staticmethod
    def forward(x: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray]:
        y = empty(x.shape, x.dtype)
        c = x.shape[-1]
        source, out, ones = x.reshape(-1, c), y.reshape(-1, c), np.ones(c, x.dtype)

        def part(rows: slice, k: int) -> None:
            s, m = exponentials(source[rows], ones, out[rows])
            z = source[rows] if m is None else np.subtract(source[rows], m[:, None], out=out[rows])
            np.subtract(z, np.log(s)[:, None], out=out[rows])

        in_rows(part, len(source), c, 5)
        return y, y

    @staticmethod
    def backward(g: np.ndarray, y: np.ndarray, needs: Any) -> tuple[np.ndarray]:
        dx = empty(y.shape, y.dtype)
        c = y.shape[-1]
        grads, values, out = np.ascontiguousarray(g).reshape(-1, c), y.reshape(-1, c), dx.reshape(-1, c)
        ones = np.ones(c, y.dtype)

        def part(rows: slice, k: int) -> None:
            np.exp(values[rows], out=out[rows])
            np.multiply(out[rows], (grads[rows] @ ones)[:, None], out=out[rows])
            np.subtract(grads[rows], out[rows], out=out[rows])

        in_rows(part, len(values), c, 6)
        return (dx,)
