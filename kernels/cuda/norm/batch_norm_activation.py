"""Batch normalization and the ReLU or LeakyReLU behind it, in the launches of batch_norm.cu alone."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional import either
from xdl.functional.elementwise.following import F, only_own, reads_y
from xdl.functional.norm.batch_norm import batch_norm_pair, through_statistics
from xdl.functional.norm.batch_norm_activation import BatchNormActivationPair, batch_norm_activation_pair
from xdl.functional.norm.batch_norm_add_relu import BatchNormAddReluPair, batch_norm_add_relu_pair

from ..elementwise.formulas import NUMBERS
from ..slots import PRIORITY, dense, dense_or_none, device_of, register
from .batch_norm import batch_norm_backward, batch_norm_forward, batch_statistics

RAMPS = ("relu", "leaky_relu")


def _is_ramp(x: Array, gamma: Any, beta: Any, mu: Any, var: Any, eps: float, f: F) -> bool:
    return f[0] in RAMPS and only_own(batch_norm_pair, f, x)


register(batch_norm_activation_pair)(BatchNormActivationPair)
register(batch_norm_add_relu_pair)(BatchNormAddReluPair)


@register(batch_norm_activation_pair, when=_is_ramp, why="ReLU and LeakyReLU", priority=PRIORITY + 1)
class batch_norm_ramp_cuda:
    """(f(z), mu, var) with mu and var of the batch, or given."""

    @staticmethod
    def forward(x: Array, gamma: Any, beta: Any, mu: Any, var: Any, eps: float, f: F) -> tuple[tuple[Array, ...], Any]:
        device, x, batch = device_of(x), dense(x), mu is None
        gamma, beta = dense_or_none(gamma), dense_or_none(beta)
        mu, var = batch_statistics(device, x) if batch else (dense(mu), dense(var))
        name, *slope = f
        ramp = NUMBERS[name], slope[0] if slope else 0.0
        z = None if reads_y(f) else device.empty(x.shape, dtype_name(x))
        y = batch_norm_forward(device, x, mu, var, gamma, beta, eps, ramp, z)
        return (y, mu, var), (z, x, mu, var, gamma, eps, batch, ramp, y if z is None else z)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array, Array, Array]:
        _, *arguments = saved
        x, mu, _, _, _, batch, *_ = arguments
        dy, dmu, dvar = dense(either.given(g[0], x)), g[1], g[2]
        dx, dgamma, dbeta = batch_norm_backward(device_of(x), dy, *arguments)
        return through_statistics(dx, x, mu, dmu, dvar) if batch else dx, dgamma, dbeta
