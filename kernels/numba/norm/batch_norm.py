"""Batch normalization, compiled, for images in all orders of memory: a pass for the sums and one for the rest, each
way. See normalized.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional import either
from xdl.functional.norm.batch_norm import batch_norm_pair

from ..slots import register
from . import pixels, planes
from .normalized import WHY, dense, normalize

NAMES = "moments", "line", "slopes", "gradient"
LOOPS = [layout.LOOPS[name] for layout in (planes, pixels) for name in NAMES]


@register(batch_norm_pair, *LOOPS, when=lambda x, *_: dense(x), why=WHY)
class batch_norm_compiled:
    """(y, mu, var) with mu and var of the batch, or given; saved: see Normalized."""

    @staticmethod
    def forward(
        x: np.ndarray, gamma: Any, beta: Any, mu: Any, var: Any, eps: float
    ) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], Any]:
        found, mu, var = normalize(x, gamma, beta, mu, var, eps)
        y = found.layout.fill("line", [found.rows], [mu, found.a, found.b])
        return (found.layout.tensor(y), mu, var), found

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, layout, rows, mu, _, a, *_ = saved
        dy = layout.rows(either.given(g[0], x))
        dbeta, along = layout.sums("slopes", [rows, dy], [mu])
        dgamma, k, o = saved.slopes(dbeta, along)
        dx = layout.fill("gradient", [rows, dy], [mu, a, k, o])
        return saved.gradient(dx, g[1], g[2]), dgamma, dbeta
