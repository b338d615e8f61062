"""Losses of two classes: targets t are probabilities, or 1 and -1; all reduced as `reduction.py` says.

    binary cross entropy   -w (t log x + (1 - t) log(1 - x))
    with logits            -w (p t log s + (1 - t) log(1 - s)) with s = sigmoid(x)
    soft margin            log(1 + e**(-t x))

Goodfellow, Bengio and Courville, Deep Learning, 6.2.2.2, on why logits are the better input.
"""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import DataError, ShapeError
from xdl.functional import either
from xdl.functional.elementwise.activation import logsigmoid
from xdl.functional.loss.element_pair import element_loss
from xdl.functional.loss.reduction import alike, reduce_loss, same_shape
from xdl.functional.operands import broadcast_shape, floating
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor

LOWEST = -100.0  # of the logarithms, so that the loss of a sure and wrong answer is finite
FLATTEST = 9.999999960041972e-13  # of x (1 - x) in the gradient: 1e-12 as PyTorch has it, rounded to float32


@composite
def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """-w (t log x + (1 - t) log(1 - x)) for probabilities x = input and t = target of one shape; logarithms >= -100.

    dx = w (x - t) / max(x (1 - x), 1e-12), dt = w (log(1 - x) - log x). weight broadcasts to input. On NumPy an x
    outside [0, 1] raises DataError. Raises ShapeError, DtypeError, SettingError.
    """
    same_shape("binary_cross_entropy", input=input, target=target)
    floating("binary_cross_entropy", input=input, target=target)
    x, t = input.array, target.array
    if backend.of(x).host_values and x.size and not (x.min() >= 0 and x.max() <= 1):
        raise DataError("binary_cross_entropy", "input in [0, 1]", f"values from {x.min()} to {x.max()}")
    loss = record((t - 1) * _log_of_rest(x) - t * _log(x), (input, target), _binary_cross_entropy_rule)
    return reduce_loss("binary_cross_entropy", weighted("binary_cross_entropy", loss, weight), reduction)


def _log(x: Array) -> Array:
    """max(log x, LOWEST)."""
    xp = namespaces[type(x)]
    return xp.where(x > 0, xp.maximum(xp.log(xp.where(x > 0, x, 1.0)), LOWEST), LOWEST)


def _log_of_rest(x: Array) -> Array:
    """max(log(1 - x), LOWEST)."""
    xp = namespaces[type(x)]
    return xp.where(x < 1, xp.maximum(xp.log1p(-xp.where(x < 1, x, 0.0)), LOWEST), LOWEST)


def _binary_cross_entropy_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any, t: Any) -> tuple[Any, Any]:
    dx = dt = None
    if needs[0]:
        slope = x * (1 - x)
        dx = g * (x - t) / either.where(either.raw(slope) > FLATTEST, slope, FLATTEST)
    if needs[1]:
        dt = g * (either.log(1 - x) - either.log(x))
    return dx, dt


@composite
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """(1 - t) x - (1 + (p - 1) t) log sigmoid(x), times w, for any x = input and probabilities t = target of its shape.

    w = weight and p = pos_weight, which counts t = 1 more than t = 0, broadcast to input. Raises ShapeError,
    DtypeError, SettingError.
    """
    operation = "binary_cross_entropy_with_logits"
    input, target = alike(operation, False, input=input, target=target)
    if weight is pos_weight is None:
        return element_loss(operation, input, target, "logits", reduction)
    logs = logsigmoid(input)
    if pos_weight is not None:
        logs = weighted(operation, logs, (pos_weight - 1) * target + 1)
    loss = (1 - target) * input - logs
    return reduce_loss(operation, weighted(operation, loss, weight), reduction)


@composite
def soft_margin_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """log(1 + e**(-t x)) for x = input and t = target, 1 or -1, of one shape.

    Raises ShapeError, DtypeError, SettingError.
    """
    input, target = alike("soft_margin_loss", input=input, target=target)
    return reduce_loss("soft_margin_loss", -logsigmoid(input * target), reduction)


def weighted(operation: str, loss: Tensor, weight: Tensor | None) -> Tensor:
    """The loss times a weight that broadcasts to it."""
    if weight is None:
        return loss
    if broadcast_shape(operation, loss.shape, weight.shape) != loss.shape:
        raise ShapeError(operation, f"a weight that broadcasts to input's shape {loss.shape}", weight.shape)
    return loss * weight
