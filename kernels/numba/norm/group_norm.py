"""Group and instance normalization, compiled: each group of each image stays in the cache from its sums to its end."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from xdl.functional.norm.group_norm import group_norm_pair

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import REALS, over, plain
from ..slots import register
from .signature import repeated

X, ROWS = "T[:, :, ::1]", "T[:, ::1]"
group_norm = Compiled("group_norm.group_norm", f"{X}, {X}, T[::1], T[::1], {ROWS}, {ROWS} | T, T")
group_norm_back = Compiled("group_norm.group_norm_back", f"{X}, {X}, {X}, {ROWS}, {ROWS}, T[::1], T[::1], {ROWS} | T")
COST, COST_BACK = 0.3, 0.5  # nanoseconds an element
SMALLEST = 8  # numbers of a channel; below, a channel takes longer than its numbers


def _images(x: np.ndarray, *_: Any) -> bool:
    return x.dtype in REALS and x.size > 0 and x.flags.c_contiguous and prod(x.shape[2:]) >= SMALLEST


WHY = f"float32 or float64 in C order with at least {SMALLEST} values a channel and image"


@register(group_norm_pair, group_norm, group_norm_back, when=_images, why=WHY)
class group_norm_compiled:
    """y = gamma xhat + beta; saved: x as rows (N G, C / G, S), gamma for every row, mu and r of each."""

    @staticmethod
    def forward(x: np.ndarray, gamma: Any, beta: Any, groups: int, eps: float) -> tuple[np.ndarray, Any]:
        n, c, s = *x.shape[:2], prod(x.shape[2:])
        rows, y = plain(x).reshape(n * groups, c // groups, s), empty(x.shape, x.dtype)
        mu, r = np.empty((2, len(rows)), x.dtype)
        factors = _for_rows(np.ones(c, x.dtype) if gamma is None else gamma, n, groups)
        shifts = _for_rows(np.zeros(c, x.dtype) if beta is None else beta, n, groups)
        d = rows[0].size
        over(group_norm[x.dtype], d * COST, [rows, y.reshape(rows.shape), mu, r, factors, shifts], 1 / d, eps)
        return y, (rows, factors, mu, r)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows, factors, mu, r = saved
        dx, d = empty(g.shape, g.dtype), rows[0].size
        total, along = np.empty((2, *factors.shape), g.dtype)
        arrays = [rows, plain(g).reshape(rows.shape), dx.reshape(rows.shape), total, along, mu, r, factors]
        over(group_norm_back[g.dtype], d * COST_BACK, arrays, 1 / d)
        images = g.shape[:2]
        return dx, (along * r[:, None]).reshape(images).sum(0), total.reshape(images).sum(0)


def _for_rows(channels: np.ndarray, n: int, groups: int) -> np.ndarray:
    """Numbers of channels (C,) for the groups of all images, (N G, C / G)."""
    return repeated(channels, n).reshape(n * groups, -1)
