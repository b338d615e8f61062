"""Losses of two classes: targets t are probabilities, or 1 and -1; all reduced as `reduction.py` says.

    binary cross entropy   -w (t log x + (1 - t) log(1 - x))
    with logits            -w (p t log s + (1 - t) log(1 - s)) with s = sigmoid(x)
    soft margin            log(1 + e**(-t x))

Goodfellow, Bengio and Courville, Deep Learning, 6.2.2.2, on why logits are the better input.
"""

from __future__ import annotations

from xdl import backend
from xdl.errors import DataError, ShapeError
from xdl.functional.elementwise.activation import logsigmoid
from xdl.functional.loss.element_pair import element_loss
from xdl.functional.loss.reduction import alike, reduce_loss, same_shape
from xdl.functional.operands import broadcast_shape, floating, same_backend
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """-w (t log x + (1 - t) log(1 - x)) for probabilities x = input and t = target of one shape; logarithms >= -100.

    dx = w (x - t) / max(x (1 - x), 1e-12), dt = w (log(1 - x) - log x). weight broadcasts to input. On NumPy an x
    outside [0, 1] raises DataError. Raises ShapeError, DtypeError, SettingError.
    """
    operation = "binary_cross_entropy"
    same_shape(operation, input=input, target=target)
    floating(operation, input=input, target=target)
    same_backend(operation, input=input, weight=weight)
    x = input.array
    if backend.of(x).host_values and x.size and not (x.min() >= 0 and x.max() <= 1):
        raise DataError(operation, "input in [0, 1]", f"values from {x.min()} to {x.max()}")
    if _constant(operation, input, weight):
        return element_loss(operation, input, target, "binary", reduction, weight=weight)
    loss = element_loss(operation, input, target, "binary", "none")
    return reduce_loss(operation, weighted(operation, loss, weight), reduction)


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
    same_backend(operation, input=input, weight=weight, pos_weight=pos_weight)
    input, target = alike(operation, False, input=input, target=target)
    if _constant(operation, input, weight) and _constant(operation, input, pos_weight):
        return element_loss(operation, input, target, "logits", reduction, weight=weight, pos_weight=pos_weight)
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
    _check_fits(operation, loss.shape, weight)
    return loss * weight


def _constant(operation: str, input: Tensor, weight: Tensor | None) -> bool:
    """Whether the loss's kernel can take the weight: one that needs no gradient, of input's dtype, or none."""
    if weight is None:
        return True
    _check_fits(operation, input.shape, weight)
    return not weight.requires_grad and weight.dtype == input.dtype


def _check_fits(operation: str, shape: tuple[int, ...], weight: Tensor) -> None:
    if broadcast_shape(operation, shape, weight.shape) != shape:
        raise ShapeError(operation, f"a weight that broadcasts to input's shape {shape}", weight.shape)
