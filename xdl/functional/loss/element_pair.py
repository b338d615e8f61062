"""The slot of losses of each element of x and t, of one shape, with their reduction.

    kind    loss                                                        d/dx                d/dt
    mse     (x - t)**2                                                  2 (x - t)           -d/dx
    l1      |x - t|                                                     sign(x - t)         -d/dx
    huber   q**2 / 2 + delta (|e| - |q|), e = x - t, q = e in +-delta   q                   -d/dx
    logits  (1 - t) x - log sigmoid(x)                                  sigmoid(x) - t      -x

The result is the losses times `scale`, their sum, or their mean.
"""

from __future__ import annotations

from functools import partial
from math import nan, prod
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.functional.elementwise.unary import pointwise
from xdl.functional.loss.reduction import check_reduction
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


class ElementLossPair:
    """y for x and t of one shape; saved: all arguments."""

    @staticmethod
    def forward(x: Array, t: Array, kind: str, delta: float, scale: float, reduction: str) -> tuple[Array, Any]:
        losses = pointwise(x, partial(_values, kind, delta), t)[1]
        factor = factor_of(x, scale, reduction)
        y = losses if reduction == "none" else namespaces[type(x)].sum(losses)
        return y if factor == 1 else y * factor, (x, t, kind, delta, scale, reduction)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, t, kind, delta, scale, reduction = saved
        return _gradients(g, x, t, kind, delta, scale, reduction, needs)


element_loss_pair = Kernel("element_loss", ElementLossPair)


def element_loss(
    operation: str, input: Tensor, target: Tensor, kind: str, reduction: str, delta: float = 1.0, scale: float = 1.0
) -> Tensor:
    """The loss of a kind, of input and target of one shape and floating dtype. Raises SettingError."""
    check_reduction(operation, reduction)
    version, y, saved = element_loss_pair(input.array, target.array, kind, delta, scale, reduction)
    rule = partial(_element_loss_rule, kind, delta, scale, reduction)
    return record(y, (input, target), rule, saved, version)


def factor_of(x: Array, scale: float, reduction: str) -> float:
    """What the losses, or their sum, are multiplied by; nan for the mean of none."""
    n = prod(x.shape)
    return scale if reduction != "mean" else scale / n if n else nan


def _element_loss_rule(
    kind: str, delta: float, scale: float, reduction: str, needs: Any, g: Any, y: Any, saved: Any, x: Any, t: Any
) -> tuple[Any, ...]:
    return _gradients(g, x, t, kind, delta, scale, reduction, needs)


def _gradients(
    g: Any, x: Any, t: Any, kind: str, delta: float, scale: float, reduction: str, needs: Any
) -> tuple[Any, ...]:
    """dx and dt, of arrays or Tensors."""
    factor = factor_of(either.raw(x), scale, reduction)
    g = g if factor == 1 else g * factor
    if kind == "logits" and not needs[0]:
        return None, -x * g
    slope = _slopes(kind, delta, x, t) if isinstance(x, Tensor) else pointwise(x, partial(_slopes, kind, delta), t)[1]
    dx = slope * g
    return dx, None if not needs[1] else -x * g if kind == "logits" else -dx


def _values(kind: str, delta: float, x: Array, t: Array) -> Array:
    xp = namespaces[type(x)]
    if kind == "logits":
        return (1 - t) * x - (xp.minimum(x, 0.0) - xp.log1p(xp.exp(-xp.abs(x))))
    e = x - t
    if kind == "mse":
        return e * e
    if kind == "l1":
        return xp.abs(e)
    q = xp.minimum(xp.maximum(e, -delta), delta)
    return q * q * 0.5 + (xp.abs(e) - xp.abs(q)) * delta


def _slopes(kind: str, delta: float, x: Any, t: Any) -> Any:
    if kind == "logits":
        return either.sigmoid(x) - t
    e = x - t
    if kind == "mse":
        return e * 2
    values = either.raw(e)
    xp = namespaces[type(values)]
    if kind == "l1":
        return either.constant(xp.sign(values), e)
    inside = xp.abs(values) < delta
    beyond = xp.where(inside, 0.0, xp.sign(values) * delta)  # a constant: the loss is straight there
    return either.where(inside, e, 0.0) + either.constant(beyond, e)
