"""Batch normalization, compiled, channels first and channels last: a pass for the sums and one for the rest, each way.

r = 1 / sqrt(var + eps)      a = gamma r      k = -a r dgamma / M      o = -a dbeta / M
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional import either
from xdl.functional.norm.batch_norm import batch_norm_pair, through_statistics

from ..sharing import REALS
from ..slots import register
from . import pixels, planes
from .pixels import Pixels
from .planes import Planes

SMALLEST = 4  # numbers in a row of a plane; below, a row takes longer than its numbers


def _are_planes(x: np.ndarray) -> bool:
    return x.flags.c_contiguous and x.shape[2] >= SMALLEST


def _dense(x: np.ndarray, *_: Any) -> bool:
    return x.dtype in REALS and x.size > 0 and (_are_planes(x) or x.transpose(0, 2, 1).flags.c_contiguous)


WHY = f"float32 or float64 in channels-last memory, or in C order with at least {SMALLEST} values a channel and image"


@register(batch_norm_pair, *planes.LOOPS, *pixels.LOOPS, when=_dense, why=WHY)
class batch_norm_compiled:
    """(y, mu, var) with mu and var of the batch, or given; saved: x and its rows, a, mu, r, and whether
    mu is the batch's."""

    @staticmethod
    def forward(
        x: np.ndarray, gamma: Any, beta: Any, mu: Any, var: Any, eps: float
    ) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], Any]:
        batch, layout = mu is None, _layout(x)
        rows = layout.rows(x)
        if batch:
            mu, var = layout.mean_and_variance(rows)
        r = 1 / np.sqrt(var + x.dtype.type(eps))
        a = r if gamma is None else gamma * r
        y = layout.line(rows, mu, a, np.zeros_like(mu) if beta is None else beta)
        return (y, mu, var), (x, layout, rows, a, mu, r, batch)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, layout, rows, a, mu, r, batch = saved
        dmu, dvar, g = g[1], g[2], layout.rows(either.given(g[0], x))
        dbeta, along = layout.slopes(rows, g, mu)
        dgamma, m = along * r, x.dtype.type(x.shape[0] * x.shape[2])
        if not batch:
            zeros = np.zeros_like(mu)
            return layout.line(g, zeros, a, zeros), dgamma, dbeta
        dx = layout.gradient(rows, g, mu, a, -a * r * dgamma / m, -a * dbeta / m)
        return through_statistics(dx, x, mu, dmu, dvar), dgamma, dbeta


def _layout(x: np.ndarray) -> Planes | Pixels:
    return Planes(x.shape) if _are_planes(x) else Pixels(x.shape)
