"""Root mean square normalization, compiled: two passes over each row while it is in the cache."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from xdl.functional.norm.rms_norm import rms_norm_pair

from ..common.buffers import empty
from .compiled import Compiled
from .sharing import in_parts, last_dim, over, plain
from .slots import register

rms_norm = Compiled("rms_norm.rms_norm", "T[:, ::1], T[:, ::1], T[::1] | T[::1], T, T")
rms_norm_back = Compiled("rms_norm.rms_norm_back", "T[:, ::1], T[:, ::1], T[::1], T[:, ::1] | T[:, ::1] | T[::1], T")
COST, COST_BACK = 0.2, 0.4  # nanoseconds an element


def _rows(x: np.ndarray, *_: Any) -> bool:
    return last_dim(x, x.ndim - 1)


@register(rms_norm_pair, rms_norm, rms_norm_back, when=_rows, why="float32 or float64 in C order, not empty")
class rms_norm_compiled:
    """y = gamma xhat over the last k dimensions of x; saved: x as rows, r, the factors, and gamma's shape if given."""

    @staticmethod
    def forward(x: np.ndarray, gamma: np.ndarray | None, k: int, eps: float) -> tuple[np.ndarray, Any]:
        d = prod(x.shape[x.ndim - k :])
        rows, y = plain(x).reshape(-1, d), empty(x.shape, x.dtype)
        r = np.empty(len(rows), x.dtype)
        factors = np.ones(d, x.dtype) if gamma is None else plain(gamma).reshape(-1)
        over(rms_norm[x.dtype], d * COST, [rows, y.reshape(-1, d), r], factors, 1 / d, eps)
        return y, (rows, r, factors, None if gamma is None else gamma.shape)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray | None]:
        rows, r, factors, shape = saved
        n, d = rows.shape
        dx = empty(g.shape, rows.dtype)
        arrays = [rows, plain(g).reshape(n, d), r, dx.reshape(n, d)]
        (dgamma,) = in_parts(rms_norm_back[rows.dtype], d * COST_BACK, arrays, 1, factors, 1 / d)
        return dx, None if shape is None else dgamma.reshape(shape)
