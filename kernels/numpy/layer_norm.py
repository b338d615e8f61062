"""Layer and group normalization for NumPy, in blocks of rows; means as inner products with a vector of 1 / D."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from xdl.functional.norm.group_norm import group_norm_pair
from xdl.functional.norm.layer_norm import layer_norm_pair
from xdl.threads import get_num_threads

from ..common.buffers import empty
from .rows import in_rows, row_blocks
from .slots import register


def _matrix(x: np.ndarray, *_: Any) -> bool:
    return x.flags.c_contiguous and x.size > 0


@register(layer_norm_pair, when=_matrix, why="C order, not empty")
class layer_norm_rows:
    """y = gamma xhat + beta; saved: xhat (y itself without gamma and beta), gamma and r = 1 / sqrt(var + eps)."""

    @staticmethod
    def forward(x: np.ndarray, gamma: Any, beta: Any, eps: float) -> tuple[np.ndarray, Any]:
        n, d = x.shape
        share = np.full(d, 1 / d, x.dtype)
        y, r = empty(x.shape, x.dtype), np.empty((n, 1), x.dtype)
        xhat = y if gamma is beta is None else empty(x.shape, x.dtype)

        def part(rows: slice, k: int) -> None:
            centred = np.subtract(x[rows], np.vecdot(x[rows], share)[:, None], out=xhat[rows])
            var = np.vecdot(centred, centred)
            var /= d
            var += eps
            np.reciprocal(np.sqrt(var, out=var), out=r[rows, 0])
            np.multiply(centred, r[rows], out=centred)
            if gamma is not None:
                np.multiply(centred, gamma, out=y[rows])
            if beta is not None:
                np.add(centred if gamma is None else y[rows], beta, out=y[rows])

        in_rows(part, n, d, 4)
        return y, (xhat, gamma, r)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        xhat, gamma, r = saved
        g = np.ascontiguousarray(g)
        n, d = xhat.shape
        share = np.full(d, 1 / d, g.dtype) if gamma is None else gamma / d
        dx = empty(xhat.shape, g.dtype)
        sums = np.zeros((2, len(row_blocks(n, d, 6, get_num_threads())), d), g.dtype)

        def part(rows: slice, k: int) -> None:
            out, grads, values = dx[rows], g[rows], xhat[rows]
            ones = np.ones(len(grads), g.dtype)
            if needs[2]:
                sums[1, k] = ones @ grads
            if gamma is None:
                slope = np.vecdot(grads, values) / d
            else:
                np.multiply(grads, values, out=out)
                sums[0, k] = ones @ out
                slope = np.vecdot(out, share)
            mean = np.vecdot(grads, share)
            np.multiply(values, slope[:, None], out=out)
            if gamma is not None:
                grads = np.multiply(grads, gamma, out=empty(grads.shape, g.dtype))
            np.subtract(grads, out, out=out)
            np.subtract(out, mean[:, None], out=out)
            np.multiply(out, r[rows], out=out)

        in_rows(part, n, d, 6)
        dgamma, dbeta = np.add.reduce(sums, axis=1)
        return dx, None if gamma is None else dgamma, dbeta if needs[2] else None


@register(group_norm_pair, when=lambda x, *_: x.size > 0, why="not empty")
class group_norm_rows:
    """y = gamma xhat + beta for x (N, C, ...) in groups; saved: xhat (y itself without gamma and beta), gamma and r."""

    @staticmethod
    def forward(x: np.ndarray, gamma: Any, beta: Any, groups: int, eps: float) -> tuple[np.ndarray, Any]:
        (n, c), s = x.shape[:2], prod(x.shape[2:])
        rows = np.ascontiguousarray(x).reshape(n * groups, c // groups * s)
        xhat, (_, _, r) = layer_norm_rows.forward(rows, None, None, eps)
        if gamma is beta is None:
            return xhat.reshape(x.shape), (xhat, gamma, r)
        planes, y = xhat.reshape(n * c, s), empty((n * c, s), x.dtype)
        factors, shifts = (None if p is None else np.tile(p, n)[:, None] for p in (gamma, beta))

        def part(rows: slice, k: int) -> None:
            scaled = planes[rows]
            if factors is not None:
                scaled = np.multiply(scaled, factors[rows], out=y[rows])
            if shifts is not None:
                np.add(scaled, shifts[rows], out=y[rows])

        in_rows(part, n * c, s, 2)
        return y.reshape(x.shape), (xhat, gamma, r)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray | None, ...]:
        xhat, gamma, r = saved
        (n, c), s = g.shape[:2], prod(g.shape[2:])
        grads, planes = np.ascontiguousarray(g).reshape(n * c, s), xhat.reshape(n * c, s)
        sums, h = np.zeros((2, n * c), g.dtype), grads if gamma is None else empty(grads.shape, g.dtype)
        factors = None if gamma is None else np.tile(gamma, n)[:, None]

        def part(rows: slice, k: int) -> None:
            if needs[1]:
                np.vecdot(grads[rows], planes[rows], out=sums[0, rows])
            if needs[2]:
                np.vecdot(grads[rows], np.ones(s, g.dtype), out=sums[1, rows])
            if factors is not None:
                np.multiply(grads[rows], factors[rows], out=h[rows])

        in_rows(part, n * c, s, 3)
        dgamma, dbeta = np.add.reduce(sums.reshape(2, n, c), axis=1)
        dx = layer_norm_rows.backward(h.reshape(xhat.shape), (xhat, None, r), (needs[0], False, False))[0]
        return dx.reshape(g.shape), dgamma if needs[1] else None, dbeta if needs[2] else None
