"""Measures of a batch: accuracy; a metric is any function of the output and the target of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdl.backend import kinds
from xdl.errors import DtypeError, ShapeError
from xdl.functional.loss.cross_entropy import label_weight, mean_over
from xdl.functional.operands import check_indices, same_backend
from xdl.tensor import Tensor

Metric = Callable[[Tensor, Tensor], Tensor | float]  # (output, target) of a batch -> its mean over the batch


@dataclass(frozen=True)
class Unchecked:
    """A metric whose value may be nan or infinite, where any other would end the training: Unchecked(perplexity)."""

    metric: Metric

    def __call__(self, output: Tensor, target: Tensor) -> Tensor | float:
        """metric(output, target)."""
        return self.metric(output, target)


def accuracy(output: Tensor, target: Tensor) -> Tensor:
    """The share of labels whose logit is the largest: output (N, K, ...), target (N, ...) integers; 0-d float32.

    `Accuracy` leaves labels out. Raises ShapeError, DtypeError, and DataError for a label outside [0, K): on a device
    not here but where values are read next.
    """
    return _right("accuracy", output, target, None).to("float32").mean()


@dataclass(frozen=True)
class Accuracy:
    """`accuracy` over the labels that are not `ignore_index`, as the losses of labels take them."""

    ignore_index: int = -100

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        """The share, nan of no label."""
        right = _right("Accuracy", output, target, self.ignore_index)
        return mean_over(right.to("float32"), (target != self.ignore_index).to("float32").sum())

    def averaged_over(self, target: Tensor) -> float | Tensor:
        """How many labels count; as `nn.CrossEntropyLoss.averaged_over`."""
        return label_weight(target, None, self.ignore_index)


def _right(operation: str, output: Tensor, target: Tensor, ignored: int | None) -> Tensor:
    """Where the largest logit is the label's; bool, of the target's shape."""
    same_backend(operation, output=output, target=target)
    if kinds[target.array.dtype] != "int":
        raise DtypeError(operation, "integer labels as target", target.dtype)
    if output.ndim < 2 or target.shape != (*output.shape[:1], *output.shape[2:]):
        raise ShapeError(operation, "output (N, K, ...) and target (N, ...)", f"{output.shape} and {target.shape}")
    check_indices(operation, "target", target.array, output.shape[1], ignored)
    return output.argmax(1) == target
