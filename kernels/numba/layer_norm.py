"""Layer normalization, compiled: two passes over each row while it is in the cache."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.norm.layer_norm import layer_norm_pair

from ..common.buffers import empty
from .compiled import Compiled
from .sharing import in_parts, last_dim, over, plain
from .slots import register

layer_norm = Compiled("layer_norm.layer_norm", "T[:, ::1], T[:, ::1], T[::1], T[::1] | T[::1], T[::1], T, T")
layer_norm_back = Compiled(
    "layer_norm.layer_norm_back", "T[:, ::1], T[:, ::1], T[::1], T[::1], T[:, ::1] | T[:, ::1] | T[::1], T"
)
COST, COST_BACK = 0.3, 0.5  # nanoseconds an element


def _rows(x: np.ndarray, *_: Any) -> bool:
    return last_dim(x, 1)


@register(layer_norm_pair, layer_norm, layer_norm_back, when=_rows, why="float32 or float64 in C order, not empty")
class layer_norm_compiled:
    """y = gamma xhat + beta; saved: x, gamma, mu and r = 1 / sqrt(var + eps)."""

    @staticmethod
    def forward(x: np.ndarray, gamma: Any, beta: Any, eps: float) -> tuple[np.ndarray, Any]:
        n, d = x.shape
        y, mu, r = empty(x.shape, x.dtype), np.empty(n, x.dtype), np.empty(n, x.dtype)
        factors = np.ones(d, x.dtype) if gamma is None else plain(gamma)
        shifts = np.zeros(d, x.dtype) if beta is None else plain(beta)
        x = plain(x)
        over(layer_norm[x.dtype], d * COST, [x, y, mu, r], factors, shifts, 1 / d, eps)
        return y, (x, factors, mu, r)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, factors, mu, r = saved
        dx, d = empty(x.shape, x.dtype), x.shape[1]
        arrays = [x, plain(g), mu, r, dx]
        dgamma, dbeta = in_parts(layer_norm_back[x.dtype], d * COST_BACK, arrays, 2, factors, 1 / d)
        return dx, dgamma, dbeta
