"""Class labels of any kind: numbers, strings and bools, as numbers from 0 on and back."""

from __future__ import annotations

from typing import Any

from xdl.creation.given import as_tensor
from xdl.errors import DataError, DtypeError, ShapeError
from xdl.estimators.given import check_rows, host_values, no_target
from xdl.tensor import Tensor


def encoded(operation: str, y: Any, x: Tensor) -> tuple[Any, Tensor]:
    """The classes in ascending order, a NumPy array (K,), and which one each sample has: int64 (N,) on x's device.

    Raises ShapeError, DtypeError for labels that cannot be ordered, DataError for fractions and for a single class.
    """
    labels = label_array(operation, y)
    check_rows(operation, x, len(labels))
    if labels.dtype.kind == "f" and not ((labels % 1) == 0).all():
        raise DataError(operation, "class labels (NaN, inf and continuous numbers are none)", "fractions as y")
    try:
        classes = sorted(set(labels.tolist()))
    except TypeError as error:
        raise DtypeError(operation, "labels y of one kind", f"{error!s:.200}") from error
    if len(classes) < 2:
        raise DataError(operation, "at least two classes in y", f"one class alone: {classes[0]!r}")
    number = {label: code for code, label in enumerate(classes)}
    codes = as_tensor([number[label] for label in labels.tolist()], dtype="int64", device=x.device)
    return host_values(operation, "y", classes).astype(labels.dtype, copy=False), codes


def label_array(operation: str, y: Any) -> Any:
    """y as a NumPy array (N,) of labels. Raises ShapeError."""
    if y is None:
        raise no_target(operation)
    labels = host_values(operation, "y", y)
    if labels.ndim != 1:
        raise ShapeError(operation, "y (N,)", f"shape {labels.shape}")
    return labels


def decoded(classes: Any, codes: Tensor, X: Any) -> Any:
    """The classes of these numbers: a Tensor for a Tensor X where the classes are numbers, else a NumPy array."""
    labels = classes[codes.numpy()]
    return as_tensor(labels, device=codes.device) if isinstance(X, Tensor) and classes.dtype.kind in "biuf" else labels
