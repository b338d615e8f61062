"""What is measured, as Python's numbers: labels, scores and probabilities from lists, arrays and Tensors, checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from xdl.errors import DataError, DtypeError, ShapeError


def labels_of(operation: str, name: str, given: Any, num_classes: int) -> list[int]:
    """Class labels (N,) in [0, num_classes). Raises ShapeError, DtypeError, DataError."""
    values = _flat(operation, name, given)
    for value in values:
        if not isinstance(value, int) or isinstance(value, bool):
            raise DtypeError(operation, f"integers as {name}", type(value).__name__)
        if not 0 <= value < num_classes:
            raise DataError(operation, f"{name} in [0, {num_classes})", value)
    return values


def yes_or_no(operation: str, name: str, given: Any) -> list[bool]:
    """Labels (N,) of two classes, 0 and 1 or False and True. Raises ShapeError, DtypeError, DataError."""
    values = _flat(operation, name, given)
    return [value == 1 for value in labels_of(operation, name, list(map(_whole, values)), 2)]


def numbers_of(operation: str, name: str, given: Any) -> list[float]:
    """Finite numbers (N,). Raises ShapeError, DtypeError, and DataError for nan and infinity."""
    values = _flat(operation, name, given)
    for value in values:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise DtypeError(operation, f"numbers as {name}", type(value).__name__)
        if not isfinite(value):
            raise DataError(operation, f"finite {name}", value)
    return [float(value) for value in values]


def rows_of(operation: str, name: str, given: Any) -> list[list[float]]:
    """Finite numbers (N, K), K >= 2. Raises ShapeError, DtypeError, and DataError for nan and infinity."""
    rows = given.tolist() if hasattr(given, "tolist") else given
    if not isinstance(rows, Sequence) or not all(isinstance(row, Sequence) or hasattr(row, "tolist") for row in rows):
        raise ShapeError(operation, f"{name} (N, K)", getattr(given, "shape", "no rows"))
    numbers = [numbers_of(operation, name, row) for row in rows]
    lengths = sorted({len(row) for row in numbers})
    if numbers and (len(lengths) != 1 or lengths[0] < 2):
        raise ShapeError(operation, f"{name} (N, K) with K >= 2", f"rows of {lengths} numbers")
    return numbers


def check_lengths(operation: str, **given: Sequence[Any]) -> None:
    """Raises ShapeError unless all have the same length, DataError if that is 0."""
    lengths = [len(values) for values in given.values()]
    if len(set(lengths)) != 1:
        raise ShapeError(operation, f"as many values in {' and '.join(given)}", " and ".join(map(str, lengths)))
    if lengths[0] == 0:
        raise DataError(operation, "at least one sample", "none")


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _flat(operation: str, name: str, given: Any) -> list[Any]:
    """The values of a list, an array or a Tensor of one dimension."""
    values = given.tolist() if hasattr(given, "tolist") else given
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise ShapeError(operation, f"{name} (N,)", getattr(given, "shape", type(given).__name__))
    values = [getattr(value, "item", lambda value=value: value)() for value in values]
    if any(isinstance(value, Sequence) and not isinstance(value, str) for value in values):
        raise ShapeError(operation, f"{name} (N,)", getattr(given, "shape", "nested lists"))
    return values
