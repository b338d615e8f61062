"""Normalization of groups of channels of each sample: group and instance normalization.

    x (N, C, S)   G groups of C / G channels   mu, var (N, G) of each sample's group   gamma, beta (C,)

    xhat = (x - mu) / sqrt(var + eps)      y = gamma xhat + beta
    h = gamma g      dx = (h - mean h - xhat mean(h xhat)) / sqrt(var + eps), the means over the group
    dgamma = sum over N and S of g xhat      dbeta = sum over N and S of g

Wu and He 2018 (group); Ulyanov, Vedaldi and Lempitsky 2016 (instance: a group for each channel).
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import ShapeError
from xdl.functional.norm.batch_norm import batch_norm, move_running
from xdl.functional.operands import floating
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


class GroupNormPair:
    """y = gamma xhat + beta for x (N, C, ...) in groups; saved: xhat and r = 1 / sqrt(var + eps) in rows (N G, ...)."""

    @staticmethod
    def forward(x: Array, gamma: Array | None, beta: Array | None, groups: int, eps: float) -> tuple[Array, Any]:
        xp, (n, c) = namespaces[type(x)], x.shape[:2]
        rows = xp.reshape(x, (n * groups, prod(x.shape[1:]) // groups))
        centred = rows - xp.mean(rows, axis=1, keepdims=True)
        r = 1 / xp.sqrt(xp.mean(centred**2, axis=1, keepdims=True) + eps)
        xhat = centred * r
        y = xp.reshape(xhat, (n, c, prod(x.shape[2:])))
        y = y if gamma is None else y * gamma[:, None]
        y = y if beta is None else y + beta[:, None]
        return xp.reshape(y, x.shape), (xhat, gamma, r)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        xhat, gamma, r = saved
        xp, planes = namespaces[type(g)], (*g.shape[:2], prod(g.shape[2:]))
        grads = xp.reshape(g, planes)
        h = xp.reshape(grads if gamma is None else grads * gamma[:, None], xhat.shape)
        dx = (h - xp.mean(h, axis=1, keepdims=True) - xhat * xp.mean(h * xhat, axis=1, keepdims=True)) * r
        product = grads * xp.reshape(xhat, planes)
        return xp.reshape(dx, g.shape), xp.sum(product, axis=(0, 2)), xp.sum(grads, axis=(0, 2))


group_norm_pair = Kernel("group_norm", GroupNormPair)


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Normalizes each of num_groups groups of neighbouring channels of each sample of input (N, C, ...).

    weight and bias (C,) act per channel. Raises ShapeError where C is no multiple of num_groups, DtypeError.
    """
    floating("group_norm", input=input, weight=weight, bias=bias)
    if input.ndim < 2 or num_groups < 1 or input.shape[1] % num_groups:
        raise ShapeError("group_norm", f"input (N, C, ...) with C a multiple of {num_groups}", input.shape)
    return _in_groups("group_norm", input, num_groups, weight, bias, eps)


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalizes each channel of each sample of input (N, C, ...) by its own mean and variance.

    With running statistics (C,) these follow the means over the samples in place, or are used themselves where
    use_input_stats is False. Raises ShapeError where a channel has a single value, DtypeError.
    """
    floating("instance_norm", input=input, weight=weight, bias=bias)
    if input.ndim < 3:
        raise ShapeError("instance_norm", "input (N, C, d1, ...)", input.shape)
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    n, c, m = *input.shape[:2], prod(input.shape[2:])
    if m < 2:
        raise ShapeError("instance_norm", "more than one value a channel", input.shape)
    if running_mean is not None and running_var is not None:
        xp = namespaces[type(input.array)]
        x = xp.reshape(input.array, (n, c, m))
        v = xp.mean(xp.var(x, axis=2, correction=1), axis=0)
        move_running(running_mean, running_var, xp.mean(x, axis=(0, 2)), v, momentum)
    return _in_groups("instance_norm", input, c, weight, bias, eps)


def _in_groups(
    operation: str, input: Tensor, groups: int, weight: Tensor | None, bias: Tensor | None, eps: float
) -> Tensor:
    c = input.shape[1]
    for name, t in {"weight": weight, "bias": bias}.items():
        if t is not None and t.shape != (c,):
            raise ShapeError(operation, f"{name} ({c},)", t.shape)
    gamma, beta = (None if t is None else t.array for t in (weight, bias))
    version, y, saved = group_norm_pair(input.array, gamma, beta, groups, eps)
    plain = gamma is beta is None  # where y is xhat, which a version may save
    return record(y, (input, weight, bias), partial(_group_norm_rule, groups, eps), saved, version, keep_y=plain)


def _group_norm_rule(
    groups: int, eps: float, needs: Any, g: Any, y: Any, saved: Any, x: Any, gamma: Any, beta: Any
) -> tuple[Any, ...]:
    """The backward pass in Tensors."""
    (n, c), m = x.shape[:2], prod(x.shape[2:])
    rows, planes = (n * groups, c // groups * m), (n, c, m)
    centred = x.reshape(rows) - x.reshape(rows).mean(1, True)
    r = 1 / ((centred * centred).mean(1, True) + eps).sqrt()
    xhat, g = centred * r, g.reshape(planes)
    h = (g if gamma is None else g * gamma.reshape(1, c, 1)).reshape(rows)
    dx = (h - h.mean(1, True) - xhat * (h * xhat).mean(1, True)) * r
    return dx.reshape(x.shape), (g * xhat.reshape(planes)).sum((0, 2)), g.sum((0, 2))
