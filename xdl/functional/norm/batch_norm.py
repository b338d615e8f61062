"""Batch normalization (Ioffe and Szegedy 2015, algorithm 1; its backward pass is section 3).

N images, C channels, M = N H W values a channel; mu, var, gamma, beta (C,)

xhat = (x - mu) / sqrt(var + eps)      y = gamma xhat + beta
dbeta = sum g      dgamma = sum g xhat
dx = gamma / sqrt(var + eps) (g - dbeta / M - xhat dgamma / M)      with mu, var of the batch
dx = gamma / sqrt(var + eps) g                                      with mu, var given

dmu and dvar, gradients of the batch's mu and var, add (dmu + 2 dvar (x - mu)) / M to dx.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import GraphError, ShapeError
from xdl.functional import either
from xdl.functional.operands import floating
from xdl.kernel import Kernel, Version
from xdl.node import Rule, edge
from xdl.tape import record
from xdl.tensor import Tensor, recording, written


class BatchNormPair:
    """(y, mu, var) with y = gamma xhat + beta for x (N, C, M); mu and var (C,) of the batch, or those given."""

    @staticmethod
    def forward(
        x: Array, gamma: Array | None, beta: Array | None, mu: Array | None, var: Array | None, eps: float
    ) -> tuple[tuple[Array, Array, Array], Any]:
        xp = namespaces[type(x)]
        batch = mu is None or var is None
        if mu is None or var is None:
            mu = xp.mean(x, axis=(0, 2))
            var = xp.mean((x - mu[:, None]) ** 2, axis=(0, 2))
        r = 1 / xp.sqrt(var + eps)
        y = (x - mu[:, None]) * r[:, None]
        if gamma is not None:
            y = y * gamma[:, None]
        if beta is not None:
            y = y + beta[:, None]
        return (y, mu, var), (x, gamma, mu, r, batch)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array, Array, Array]:
        x, gamma, mu, r, batch = saved
        g, dmu, dvar = either.given(g[0], x), g[1], g[2]
        xp = namespaces[type(g)]
        m = x.shape[0] * x.shape[2]
        xhat = (x - mu[:, None]) * r[:, None]
        dbeta, dgamma = xp.sum(g, axis=(0, 2)), xp.sum(g * xhat, axis=(0, 2))
        if batch:
            g = g - dbeta[:, None] / m - xhat * (dgamma[:, None] / m)
        dx = g * (r if gamma is None else gamma * r)[:, None]
        return through_statistics(dx, x, mu, dmu, dvar) if batch else dx, dgamma, dbeta


def through_statistics(dx: Any, x: Any, mu: Any, dmu: Any, dvar: Any) -> Any:
    """dx (N, C, M) with what dmu and dvar (C,) add, each None where nobody used that result; arrays or Tensors."""
    m = x.shape[0] * x.shape[2]
    if dmu is not None:
        dx = dx + dmu[:, None] / m
    return dx if dvar is None else dx + (x - mu[:, None]) * (dvar[:, None] * (2 / m))


batch_norm_pair = Kernel("batch_norm", BatchNormPair)


class MoveRunningReference:
    """Moves running statistics (C,) towards those of a batch, in place, and counts it: count is an integer, or None.

    mean = (1 - momentum) mean + momentum mu      var = (1 - momentum) var + momentum factor v      count = count + 1
    """

    @staticmethod
    def forward(
        mean: Array, var: Array, count: Array | None, mu: Array, v: Array, momentum: float, factor: float
    ) -> tuple[None, None]:
        mean[...] = mean * (1 - momentum) + mu * momentum
        var[...] = var * (1 - momentum) + (v * factor) * momentum
        if count is not None:
            count[...] = count + 1
        return None, None


move_running_slot = Kernel("move_running", MoveRunningReference)


def move_running(
    mean: Tensor,
    var: Tensor,
    mu: Array,
    v: Array,
    momentum: float,
    factor: float = 1.0,
    count: Tensor | None = None,
) -> None:
    """Moves the running statistics of a layer, see MoveRunningReference. factor: makes v the unbiased variance."""
    written([mean, var] if count is None else [mean, var, count])
    move_running_slot(mean.array, var.array, None if count is None else count.array, mu, v, momentum, factor)


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalizes each channel of input (N, C) or (N, C, d1, ...); weight is gamma (C,), bias is beta (C,).

    In training, or without running statistics, mu and var are the batch's, and the running ones move towards
    them in place: running = (1 - momentum) running + momentum batch, with the unbiased variance. Otherwise the
    running ones are used, as constants. Raises ShapeError where channels do not match or a channel has a single value
    to train on, GraphError for running statistics that require a gradient, DtypeError.
    """
    return counting_batch_norm(input, running_mean, running_var, None, weight, bias, training, momentum, eps)


def counting_batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    count: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    run: Callable[..., tuple[Tensor, Tensor, Tensor]] | None = None,
) -> Tensor:
    """`batch_norm` that adds 1 to count, an integer, where it moves running statistics.

    run: stands for `normalized`
    """
    floating("batch_norm", input=input, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)
    if input.ndim < 2:
        raise ShapeError("batch_norm", "input (N, C, ...)", input.shape)
    n, c = input.shape[:2]
    m = n * prod(input.shape[2:])
    for name, t in {"weight": weight, "bias": bias, "running_mean": running_mean, "running_var": running_var}.items():
        if t is not None and t.shape != (c,):
            raise ShapeError("batch_norm", f"{name} ({c},) for input {input.shape}", t.shape)
    if recording.get() and any(t is not None and t.requires_grad for t in (running_mean, running_var)):
        raise GraphError("batch_norm", "running statistics that require no gradient", "one that does", "Call detach()")
    batch = training or running_mean is None or running_var is None
    if batch and m < 2:
        raise ShapeError("batch_norm", "more than one value a channel in training", input.shape)
    given = (None, None) if batch or running_mean is None or running_var is None else (running_mean, running_var)
    y, mu, var = (run or normalized)(input, weight, bias, given, eps)
    if training and running_mean is not None and running_var is not None:
        move_running(running_mean, running_var, mu.array, var.array, momentum, m / (m - 1), count)
    return y


def normalized(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    given: Sequence[Tensor | None],
    eps: float,
    *,
    slot: Kernel = batch_norm_pair,
    rule_of: Callable[[Version, Any], Rule] | None = None,
    more: tuple[Any, ...] = (),
    keep_y: bool = False,
    shortcut: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """(y, mu, var) of input (N, C, ...), all with gradients; mu and var (C,).

    given: mu and var, which are constants; (None, None) takes those of the batch
    slot:  takes the arguments of `batch_norm_pair` and more; with its rule, of what ran and saved, and whether that
           reads y
    shortcut: of the input's shape, an argument of the slot behind beta
    """
    n, c = input.shape[:2]
    shape = (n, c, prod(input.shape[2:]))
    xp = namespaces[type(input.array)]
    gamma, beta = None if weight is None else weight.array, None if bias is None else bias.array
    constants = [None if t is None else t.array for t in given]
    others = () if shortcut is None else (xp.reshape(shortcut.array, shape),)
    version, (y, mu, var), saved = slot(xp.reshape(input.array, shape), gamma, beta, *others, *constants, eps, *more)
    rule = partial(rule_of(version, saved) if rule_of else batch_norm_rule, shape, eps)
    version = replace(version, backward=partial(_backward, shape, input.shape, version.backward))
    outputs = xp.reshape(y, input.shape), mu, var
    inputs = (input, weight, bias, *(() if shortcut is None else (edge(shortcut),)), *given)
    y, mu, var = record(outputs, inputs, rule, saved, version, keep_y=(keep_y, True, False))
    return y, mu, var


def _backward(
    shape: tuple[int, ...], whole: tuple[int, ...], backward: Any, g: Any, saved: Any, needs: Any
) -> tuple[Any, ...]:
    """The kernel's backward, for the input's own shape: a node of its own for that would cost a copy of dx."""
    dy = None if g[0] is None else namespaces[type(g[0])].reshape(g[0], shape)
    dx, dgamma, dbeta, *others = backward((dy, *g[1:]), saved, needs)
    reshape = namespaces[type(dx)].reshape
    return reshape(dx, whole), dgamma, dbeta, *(reshape(d, whole) for d in others)


def batch_norm_rule(
    shape: tuple[int, ...], eps: float, needs: Any, g: Any, y: Any, saved: Any, *inputs: Any
) -> tuple[Any, ...]:
    """The backward pass in Tensors: mu and var of the batch are computed again, so that they carry derivatives."""
    x, gamma, _, *given = inputs
    whole, (n, c, m) = x.shape, shape
    (g, dmu, dvar), x, m = g, x.reshape(shape), n * m
    g = either.given(None if g is None else g.reshape(shape), x)
    batch = given[0] is None
    mu = x.mean((0, 2), True) if batch else given[0].reshape(1, c, 1)
    var = ((x - mu) * (x - mu)).mean((0, 2), True) if batch else given[1].reshape(1, c, 1)
    r = 1 / (var + eps).sqrt()
    xhat = (x - mu) * r
    dbeta, dgamma = g.sum((0, 2)), (g * xhat).sum((0, 2))
    inner = g - (dbeta.reshape(1, c, 1) + xhat * dgamma.reshape(1, c, 1)) / m if batch else g
    dx = inner * (r if gamma is None else r * gamma.reshape(1, c, 1))
    dx = through_statistics(dx, x, mu.reshape(c), dmu, dvar) if batch else dx
    return dx.reshape(whole), dgamma, dbeta
