"""Batch normalization and its activation in one: y = f(z), z as in `batch_norm.py`.

dz = g f'(z)          the rest is the backward pass of z, with dz in place of g

See `xdl/functional/elementwise/following.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from xdl.backend import Array
from xdl.functional import either
from xdl.functional.elementwise.following import F, before, kept, reads_y, run
from xdl.functional.norm.batch_norm import batch_norm_pair, batch_norm_rule, normalized
from xdl.kernel import Kernel, Version
from xdl.node import Rule
from xdl.tensor import Tensor


class BatchNormActivationPair:
    """(f(z), mu, var) for what batch_norm makes of its arguments; saved: what both halves saved."""

    @staticmethod
    def forward(
        x: Array, gamma: Array | None, beta: Array | None, mu: Array | None, var: Array | None, eps: float, f: F
    ) -> tuple[tuple[Array, Array, Array], Any]:
        version, (z, mean, variance), saved = batch_norm_pair(x, gamma, beta, mu, var, eps)
        of_f, y, saved_by_f = run(f, z)
        return (y, mean, variance), (None if reads_y(f) else z, version, saved, of_f, saved_by_f)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array, Array, Array]:
        _, version, of_norm, of_f, saved_by_f = saved
        dz = None if g[0] is None else of_f.backward(g[0], saved_by_f, (True,))[0]
        gradients: tuple[Array, Array, Array] = version.backward((dz, *g[1:]), of_norm, needs)
        return gradients


batch_norm_activation_pair = Kernel("batch_norm_activation", BatchNormActivationPair)


def normalized_and(f: F) -> Callable[..., tuple[Tensor, Tensor, Tensor]]:
    """What gives (f(z), mu, var) for the arguments of `normalized`."""
    return partial(
        normalized, slot=batch_norm_activation_pair, rule_of=partial(_rule_of, f), more=(f,), keep_y=reads_y(f)
    )


def _rule_of(f: F, version: Version, saved: Any) -> Rule:
    return partial(_batch_norm_activation_rule, f, kept(version, saved))


def _batch_norm_activation_rule(
    f: F, z: Array | None, shape: tuple[int, ...], eps: float, needs: Any, g: Any, y: Any, saved: Any, *inputs: Any
) -> tuple[Any, ...]:
    x, gamma, beta, *given = inputs
    z = None if z is None else either.reshape(z, x.shape)
    dz = None if g[0] is None else before(f, g[0], y[0], z, lambda: normalized(x, gamma, beta, given, eps)[0])
    return batch_norm_rule(shape, eps, needs, (dz, *g[1:]), y, saved, *inputs)
