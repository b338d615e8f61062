"""Group and instance normalization, compiled: a pass for the sums and one for the rest, each way.

D numbers of a group      H, K: sums over it of gamma g and of gamma g (x - mu)      r = 1 / sqrt(var + eps)

y = a (x - mu) + beta     dx = a g + k (x - mu) + o     with a = gamma r, k = -r**3 K / D, o = -r H / D
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from xdl.functional.norm.group_norm import group_norm_pair

from ..sharing import REALS
from ..slots import register
from .planes import LOOPS, Planes

SMALLEST = 8  # numbers in a row of a plane; below, a row takes longer than its numbers


def _images(x: np.ndarray, *_: Any) -> bool:
    return x.dtype in REALS and x.size > 0 and x.flags.c_contiguous and prod(x.shape[2:]) >= SMALLEST


WHY = f"float32 or float64 in C order with at least {SMALLEST} values a channel and image"


@register(group_norm_pair, *LOOPS, when=_images, why=WHY)
class group_norm_compiled:
    """y = gamma xhat + beta; saved: x as rows, gamma, and of each group mu and r (N, G, 1)."""

    @staticmethod
    def forward(x: np.ndarray, gamma: Any, beta: Any, groups: int, eps: float) -> tuple[np.ndarray, Any]:
        n, c = x.shape[:2]
        planes = Planes((n, c, prod(x.shape[2:])))
        rows = planes.rows(x)
        means, squares = (part.reshape(n, groups, -1) for part in planes.moments(rows))
        mu = means.mean(2, keepdims=True)
        var = squares.mean(2, keepdims=True) / planes.shape[2] + np.square(means - mu).mean(2, keepdims=True)
        r = 1 / np.sqrt(var + x.dtype.type(eps))
        factors = np.ones(c, x.dtype) if gamma is None else gamma
        shifts = np.zeros(c, x.dtype) if beta is None else beta
        y = planes.line(rows, _of_channels(mu, c), _of_channels(r, c) * factors, shifts)
        return y.reshape(x.shape), (planes, rows, factors, mu, r)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        planes, rows, factors, mu, r = saved
        (n, c, m), groups = planes.shape, mu.shape[1]
        grads, centre, scale = planes.rows(g), _of_channels(mu, c), _of_channels(r, c)
        total, along = planes.row_slopes(rows, grads, centre)
        mean, slope = (
            (part * factors).reshape(n, groups, -1).sum(2, keepdims=True) / part.dtype.type(c // groups * m)
            for part in (total, along)
        )
        k, o = _of_channels(-(r**3) * slope, c), _of_channels(-r * mean, c)
        dx = planes.gradient(rows, grads, centre, scale * factors, k, o)
        return dx.reshape(g.shape), (along * scale).sum(0), total.sum(0)


def _of_channels(groups: np.ndarray, c: int) -> np.ndarray:
    """A number of each group (N, G, 1) for all of its channels, (N, C)."""
    return np.repeat(groups[:, :, 0], c // groups.shape[1], axis=1)
