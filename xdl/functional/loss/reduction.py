"""How a loss of many elements becomes one number: "mean", "sum", or "none", which leaves it as it is."""

from __future__ import annotations

from xdl.errors import SettingError, ShapeError, nearest
from xdl.functional.operands import in_one_floating, one_floating, same_backend
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
    """Raises ShapeError, naming both, unless all arguments have the first one's shape; BackendError."""
    same_backend(operation, **arguments)
    _one_shape(operation, arguments)


def alike(operation: str, integers: bool = True, **arguments: Tensor) -> list[Tensor]:
    """The arguments, of one shape, in the floating dtype that holds each of them. Raises as `same_shape`, DtypeError.

    integers: whether some may be integers or bools, as long as one is floating
    """
    tensors = in_one_floating(operation, **arguments)
    if not integers:
        for name, t in arguments.items():
            one_floating(operation, **{name: t})
    _one_shape(operation, arguments)
    return tensors


def _one_shape(operation: str, arguments: dict[str, Tensor]) -> None:
    (first, expected), *others = arguments.items()
    for name, t in others:
        if t.shape != expected.shape:
            raise ShapeError(operation, f"{name} of {first}'s shape {expected.shape}", t.shape)
