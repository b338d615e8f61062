"""The end of a residual block behind batch normalization: y = max(z + r, 0), z as in `batch_norm.py`, r a shortcut.

dr = dz = g where y != 0, else 0          the rest is the backward pass of z, with dz in place of g
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from xdl.backend import Array
from xdl.functional import either
from xdl.functional.elementwise.add_relu import add_relu_pair
from xdl.functional.norm.batch_norm import batch_norm_pair, batch_norm_rule, normalized
from xdl.kernel import Kernel
from xdl.node import Rule
from xdl.tensor import Tensor


class BatchNormAddReluPair:
    """(relu(z + r), mu, var) for r of x's shape and what batch_norm makes of the others; saved: what both save."""

    @staticmethod
    def forward(
        x: Array, gamma: Array | None, beta: Array | None, r: Array, mu: Array | None, var: Array | None, eps: float
    ) -> tuple[tuple[Array, Array, Array], Any]:
        version, (z, mean, variance), saved = batch_norm_pair(x, gamma, beta, mu, var, eps)
        of_sum, y, saved_by_sum = add_relu_pair(z, r)
        return (y, mean, variance), (version, saved, of_sum, saved_by_sum, r)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array, ...]:
        version, of_norm, of_sum, saved_by_sum, r = saved
        dz = None if g[0] is None else of_sum.backward(g[0], saved_by_sum, (True, True))[0]
        gradients: tuple[Array, ...] = version.backward((dz, *g[1:]), of_norm, (*needs[:3], *needs[4:]))
        return (*gradients, either.given(dz, r))


batch_norm_add_relu_pair = Kernel("batch_norm_add_relu", BatchNormAddReluPair)


def normalized_add_relu(r: Tensor) -> Callable[..., tuple[Tensor, Tensor, Tensor]]:
    """What gives (relu(z + r), mu, var) for the arguments of `normalized`; r has the input's shape and dtype."""
    return partial(normalized, slot=batch_norm_add_relu_pair, rule_of=_rule_of, shortcut=r, keep_y=True)


def _rule_of(version: Any, saved: Any) -> Rule:
    return _batch_norm_add_relu_rule


def _batch_norm_add_relu_rule(
    shape: tuple[int, ...], eps: float, needs: Any, g: Any, y: Any, saved: Any, *inputs: Any
) -> tuple[Any, ...]:
    x, gamma, beta, _, *given = inputs
    dz = None if g[0] is None else either.where(either.raw(y[0]) != 0, g[0], 0.0)
    return *batch_norm_rule(shape, eps, needs, (dz, *g[1:]), y, saved, x, gamma, beta, *given), dz
