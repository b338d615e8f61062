"""How far predicted numbers are from the right ones."""

from __future__ import annotations

from math import fsum, sqrt
from typing import Any

from xdl.errors import DataError
from xdl.train.metrics.values import check_lengths, numbers_of


def mean_squared_error(target: Any, predicted: Any) -> float:
    """MSE = mean((predicted - target)**2). target, predicted: (N,) finite. Raises ShapeError, DtypeError, DataError."""
    errors = _errors("mean_squared_error", target, predicted)[1]
    return fsum(e * e for e in errors) / len(errors)


def root_mean_squared_error(target: Any, predicted: Any) -> float:
    """RMSE = sqrt(MSE), in the unit of the target. Raises ShapeError, DtypeError, DataError."""
    errors = _errors("root_mean_squared_error", target, predicted)[1]
    return sqrt(fsum(e * e for e in errors) / len(errors))


def mean_absolute_error(target: Any, predicted: Any) -> float:
    """MAE = mean(abs(predicted - target)). Raises ShapeError, DtypeError, DataError."""
    errors = _errors("mean_absolute_error", target, predicted)[1]
    return fsum(map(abs, errors)) / len(errors)


def r2_score(target: Any, predicted: Any) -> float:
    """R2 = 1 - sum((predicted - target)**2) / sum((target - mean(target))**2), the coefficient of determination.

    1 is perfect, 0 is as good as always saying the mean of the target, below 0 is worse. Raises DataError for a target
    whose values are all equal, which leaves nothing to explain; ShapeError, DtypeError.
    """
    values, errors = _errors("r2_score", target, predicted)
    if min(values) == max(values):
        raise DataError("r2_score", "a target with different values", f"{len(values)} times {values[0]:g}")
    mean = fsum(values) / len(values)
    return 1 - fsum(e * e for e in errors) / fsum((value - mean) ** 2 for value in values)


def _errors(operation: str, target: Any, predicted: Any) -> tuple[list[float], list[float]]:
    """The target, and predicted - target."""
    values, found = numbers_of(operation, "target", target), numbers_of(operation, "predicted", predicted)
    check_lengths(operation, target=values, predicted=found)
    return values, [guess - value for value, guess in zip(values, found, strict=True)]
