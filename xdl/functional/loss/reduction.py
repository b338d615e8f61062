"""How a loss of many elements becomes one number: "mean", "sum", or "none", which leaves it as it is."""

from __future__ import annotations

from xdl.errors import SettingError, ShapeError, nearest
from xdl.functional.operands import floating
from xdl.tensor import Tensor

REDUCTIONS = ("mean", "sum", "none")


def reduce_loss(operation: str, loss: Tensor, reduction: str) -> Tensor:
    """The loss, reduced. Raises SettingError for an unknown reduction."""
    check_reduction(operation, reduction)
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss


def check_reduction(operation: str, reduction: str) -> None:
    """Raises SettingError, with the nearest name, unless the reduction is known."""
    if reduction not in REDUCTIONS:
        raise SettingError(operation, "a reduction", repr(reduction), nearest(str(reduction), REDUCTIONS))


def same_shape(operation: str, **arguments: Tensor) -> None:
    """Raises ShapeError, naming both, unless all arguments have the first one's shape; DtypeError for mixed dtypes."""
    floating(operation, **arguments)
    (first, expected), *others = arguments.items()
    for name, t in others:
        if t.shape != expected.shape:
            raise ShapeError(operation, f"{name} of {first}'s shape {expected.shape}", t.shape)
