"""Labels as inputs of a generator and a critic."""

from __future__ import annotations

from typing import Any

from xdl import functional
from xdl.errors import SettingError, expect
from xdl.nn.module import are_sizes
from xdl.tensor import Tensor


def check_conditional(operation: str, num_classes: int, **shapes: Any) -> None:
    """Raises SettingError for a number of classes below 0, or shapes that are no whole numbers of at least 1."""
    right = isinstance(num_classes, int) and num_classes >= 0
    expect(right, SettingError, operation, "num_classes: a whole number of at least 0", repr(num_classes))
    for name, shape in shapes.items():
        expect(are_sizes(shape), SettingError, operation, f"{name}: whole numbers of at least 1", repr(shape))


def expect_labels(operation: str, num_classes: int, labels: Tensor | None) -> None:
    """Raises SettingError unless labels come exactly where the network was made for some."""
    right = (labels is not None) == (num_classes > 0)
    expected = f"labels of {num_classes} classes" if num_classes else "no labels: it was made with num_classes=0"
    expect(right, SettingError, operation, expected, "none" if labels is None else f"labels {labels.shape}")


def one_hot(labels: Tensor, num_classes: int, dtype: str) -> Tensor:
    """(N, num_classes), 1 at the label and else 0."""
    return functional.one_hot(labels, num_classes).to(dtype)


def planes(labels: Tensor, num_classes: int, images: Tensor) -> Tensor:
    """(N, num_classes, H, W): of each image one plane of ones, at its label, and the others of zeros."""
    one = one_hot(labels, num_classes, images.dtype).reshape(-1, num_classes, 1, 1)
    return one.expand(-1, -1, *images.shape[2:])
