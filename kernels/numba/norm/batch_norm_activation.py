"""Batch normalization and what follows it in its last pass, compiled: ReLU or LeakyReLU, or a shortcut and ReLU.

y = f(z)            dz = g f'(z), where z is computed again from x in both passes of the backward
y = relu(z + r)     dz = dr = g where y != 0, written by the pass for the sums
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional import either
from xdl.functional.elementwise.add_relu import add_relu_pair
from xdl.functional.elementwise.following import F, only_own
from xdl.functional.norm.batch_norm import batch_norm_pair
from xdl.functional.norm.batch_norm_activation import batch_norm_activation_pair
from xdl.functional.norm.batch_norm_add_relu import batch_norm_add_relu_pair

from ...common.buffers import empty
from ..slots import register
from . import pixels, planes
from .normalized import WHY, dense, normalize

RAMP = "moments", "ramp", "ramp_slopes", "ramp_gradient"
SUM = "moments", "sum", "sum_slopes", "gradient"
RAMP_LOOPS, SUM_LOOPS = ([part.LOOPS[name] for part in (planes, pixels) for name in names] for names in (RAMP, SUM))
Outputs = tuple[np.ndarray, np.ndarray, np.ndarray]


def _is_ramp(x: np.ndarray, gamma: Any, beta: Any, mu: Any, var: Any, eps: float, f: F) -> bool:
    """A slope of 0 stands for ReLU in the loops."""
    name, *slope = f
    return (name == "relu" or (name == "leaky_relu" and slope != [0])) and dense(x) and only_own(batch_norm_pair, f, x)


@register(batch_norm_activation_pair, *RAMP_LOOPS, when=_is_ramp, why=f"ReLU or LeakyReLU; {WHY}")
class batch_norm_activation_compiled:
    """(f(z), mu, var) with mu and var of the batch, or given; saved: no z, see Normalized, and f's slope below 0."""

    @staticmethod
    def forward(
        x: np.ndarray, gamma: Any, beta: Any, mu: Any, var: Any, eps: float, f: F
    ) -> tuple[Outputs, tuple[None, Any, float]]:
        found, mu, var = normalize(x, gamma, beta, mu, var, eps)
        slope = float(f[1]) if f[1:] else 0.0
        y = found.layout.fill("ramp", [found.rows], [mu, found.a, found.b], slope)
        return (found.layout.tensor(y), mu, var), (None, found, slope)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> Outputs:
        _, found, slope = saved
        x, layout, rows, mu, _, a, b, _ = found
        dy = layout.rows(either.given(g[0], x))
        dbeta, along = layout.sums("ramp_slopes", [rows, dy], [mu, a, b], slope)
        dgamma, k, o = found.slopes(dbeta, along)
        dx = layout.fill("ramp_gradient", [rows, dy], [mu, a, b, k, o], slope)
        return found.gradient(dx, g[1], g[2]), dgamma, dbeta


def _own_and_dense(x: np.ndarray, *_: Any) -> bool:
    return dense(x) and not (batch_norm_pair.extended("numpy") or add_relu_pair.extended("numpy"))


@register(batch_norm_add_relu_pair, *SUM_LOOPS, when=_own_and_dense, why=WHY)
class batch_norm_add_relu_compiled:
    """(relu(z + r), mu, var) with mu and var of the batch, or given; saved: see Normalized, and the rows of y."""

    @staticmethod
    def forward(
        x: np.ndarray, gamma: Any, beta: Any, r: np.ndarray, mu: Any, var: Any, eps: float
    ) -> tuple[Outputs, tuple[Any, np.ndarray]]:
        found, mu, var = normalize(x, gamma, beta, mu, var, eps)
        y = found.layout.fill("sum", [found.rows, found.layout.rows(r)], [mu, found.a, found.b])
        return (found.layout.tensor(y), mu, var), (found, y)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[np.ndarray, ...]:
        found, y = saved
        x, layout, rows, mu, _, a, *_ = found
        dy, dz = layout.rows(either.given(g[0], x)), empty(rows.shape, rows.dtype)
        dbeta, along = layout.sums("sum_slopes", [rows, dy, y, dz], [mu])
        dgamma, k, o = found.slopes(dbeta, along)
        dx = layout.fill("gradient", [rows, dz], [mu, a, k, o])
        return found.gradient(dx, g[1], g[2]), dgamma, dbeta, layout.tensor(dz)
