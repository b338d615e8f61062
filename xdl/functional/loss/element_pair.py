"""The slot of losses of each element of x and t, of one shape, with their reduction.

    kind    loss                                                        d/dx                d/dt
    mse     (x - t)**2                                                  2 (x - t)           -d/dx
    l1      |x - t|                                                     sign(x - t)         -d/dx
    huber   q**2 / 2 + delta (|e| - |q|), e = x - t, q = e in +-delta   q                   -d/dx
    logits  (1 - t) x - log sigmoid(x)                                  sigmoid(x) - t      -x
    binary  -t log x - (1 - t) log(1 - x), logarithms >= -100           (x - t) / v         log(1 - x) - log x

v = max(x (1 - x), 1e-12). Of logits with p, which counts t = 1 more than t = 0: (1 - t) x - q log sigmoid(x) with
q = 1 + (p - 1) t; d/dx = 1 - t - q sigmoid(-x), d/dt = -x - (p - 1) log sigmoid(x).

The result is the losses times `scale`, and times weights w, their sum, or their mean.
"""

from __future__ import annotations

from functools import partial
from math import nan, prod
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.functional.elementwise.activation import logsigmoid
from xdl.functional.elementwise.unary import pointwise
from xdl.functional.loss.reduction import check_reduction
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor

LOWEST = -100.0  # of the logarithms, so that the loss of a sure and wrong answer is finite
FLATTEST = 9.999999960041972e-13  # of x (1 - x) in the gradient: 1e-12 as PyTorch has it, rounded to float32
OWN_SLOPE = ("logits", "binary")  # d/dt is not -d/dx


class ElementLossPair:
    """y for x and t of one shape, with w and p that broadcast to it, or None; saved: all arguments."""

    @staticmethod
    def forward(
        x: Array, t: Array, kind: str, delta: float, scale: float, reduction: str,
        w: Array | None = None, p: Array | None = None,
    ) -> tuple[Array, Any]:  # fmt: skip
        value = logits_value if _plain_logits(kind, p) else partial(_values, kind, delta)
        losses = pointwise(x, value, t, *_spread(p, x))[1]
        losses = losses if w is None else losses * w
        factor = factor_of(x, scale, reduction)
        y = losses if reduction == "none" else namespaces[type(x)].sum(losses)
        return y if factor == 1 else y * factor, (x, t, kind, delta, scale, reduction, w, p)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, t, kind, delta, scale, reduction, w, p = saved
        return _gradients(g, x, t, kind, delta, scale, reduction, w, p, needs)


element_loss_pair = Kernel("element_loss", ElementLossPair)


def element_loss(
    operation: str,
    input: Tensor,
    target: Tensor,
    kind: str,
    reduction: str,
    delta: float = 1.0,
    scale: float = 1.0,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
) -> Tensor:
    """The loss of a kind, of input and target of one shape and floating dtype. Raises SettingError.

    weight, pos_weight: w and p, constants of that dtype that broadcast to input
    """
    check_reduction(operation, reduction)
    w, p = (None if t is None else t.array for t in (weight, pos_weight))
    settings = (kind, delta, scale, reduction)
    version, y, saved = element_loss_pair(input.array, target.array, *settings, w, p)
    inputs = (input, target, weight, pos_weight)  # of the last two it is noticed if they are written
    return record(y, inputs, partial(_element_loss_rule, *settings), saved, version)


def factor_of(x: Array, scale: float, reduction: str) -> float:
    """What the losses, or their sum, are multiplied by; nan for the mean of none."""
    n = prod(x.shape)
    return scale if reduction != "mean" else scale / n if n else nan


def _spread(p: Array | None, x: Array) -> tuple[Array, ...]:
    return () if p is None else (namespaces[type(x)].broadcast_to(p, x.shape),)


def _element_loss_rule(
    kind: str, delta: float, scale: float, reduction: str,
    needs: Any, g: Any, y: Any, saved: Any, x: Any, t: Any, weight: Any, pos_weight: Any,
) -> tuple[Any, ...]:  # fmt: skip
    w, p = (None if constant is None else constant.array for constant in (weight, pos_weight))
    return _gradients(g, x, t, kind, delta, scale, reduction, w, p, needs)


def _gradients(
    g: Any, x: Any, t: Any, kind: str, delta: float, scale: float, reduction: str, w: Any, p: Any, needs: Any
) -> tuple[Any, ...]:
    """dx and dt, of arrays or Tensors; w and p are arrays."""
    factor = factor_of(either.raw(x), scale, reduction)
    g = g if factor == 1 else g * factor
    g = g if w is None else g * either.constant(w, x)
    dt = _target_slope(kind, x, p) * g if kind in OWN_SLOPE and needs[1] else None
    if kind in OWN_SLOPE and not needs[0]:
        return None, dt
    if isinstance(x, Tensor):
        slope = _slopes(kind, delta, x, t, *(Tensor(a) for a in _spread(p, x.array)))
    else:
        by_kind = logits_slope if _plain_logits(kind, p) else partial(_slopes, kind, delta)
        slope = pointwise(x, by_kind, t, *_spread(p, x))[1]
    dx = slope * g
    return dx, dt if kind in OWN_SLOPE else -dx if needs[1] else None


def _plain_logits(kind: str, p: Array | None) -> bool:
    """Whether the loss is one for which versions of `pointwise` may know the two functions below."""
    return kind == "logits" and p is None


def logits_value(x: Array, t: Array) -> Array:
    """(1 - t) x - log sigmoid(x), for x and t of one shape."""
    return _values("logits", nan, x, t)


def logits_slope(x: Array, t: Array) -> Array:
    """sigmoid(x) - t, for x and t of one shape."""
    slope: Array = _slopes("logits", nan, x, t)
    return slope


def _values(kind: str, delta: float, x: Array, t: Array, *p: Array) -> Array:
    xp = namespaces[type(x)]
    if kind == "logits":
        return (1 - t) * x - _times(p, t, _log_sigmoid(x))
    if kind == "binary":
        return (t - 1) * _log_of_rest(x) - t * _log(x)
    e = x - t
    if kind == "mse":
        return e * e
    if kind == "l1":
        return xp.abs(e)
    q = xp.minimum(xp.maximum(e, -delta), delta)
    return q * q * 0.5 + (xp.abs(e) - xp.abs(q)) * delta


def _slopes(kind: str, delta: float, x: Any, t: Any, *p: Any) -> Any:
    if kind == "logits":
        return 1 - t - _times(p, t, either.sigmoid(-x)) if p else either.sigmoid(x) - t
    if kind == "binary":
        v = x * (1 - x)
        return (x - t) / either.where(either.raw(v) > FLATTEST, v, FLATTEST)
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


def _target_slope(kind: str, x: Any, p: Array | None) -> Any:
    if kind == "binary":
        return either.log(1 - x) - either.log(x)
    if p is None:
        return -x
    logs = logsigmoid(x) if isinstance(x, Tensor) else _log_sigmoid(x)
    return -x - either.constant(p - 1, x) * logs


def _times(p: tuple[Any, ...], t: Any, x: Any) -> Any:
    """q x with q = 1 + (p - 1) t, of arrays or Tensors; x without p."""
    return ((p[0] - 1) * t + 1) * x if p else x


def _log_sigmoid(x: Array) -> Array:
    xp = namespaces[type(x)]
    return xp.minimum(x, 0.0) - xp.log1p(xp.exp(-xp.abs(x)))


def _log(x: Array) -> Array:
    """max(log x, LOWEST)."""
    xp = namespaces[type(x)]
    return xp.where(x > 0, xp.maximum(xp.log(xp.where(x > 0, x, 1.0)), LOWEST), LOWEST)


def _log_of_rest(x: Array) -> Array:
    """max(log(1 - x), LOWEST)."""
    xp = namespaces[type(x)]
    return xp.where(x < 1, xp.maximum(xp.log1p(-xp.where(x < 1, x, 0.0)), LOWEST), LOWEST)
