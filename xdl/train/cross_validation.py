"""Cross validation: the same training and measure on every fold, and how much the measure depends on the fold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from statistics import fmean, stdev
from typing import Any, NamedTuple

from xdl.errors import DataError, NonFiniteError


class CrossValidated(NamedTuple):
    """One value a fold, their mean, and their std, with n - 1 below.

    The std is the spread over folds, not the error of the mean: the folds share most of their training samples, and no
    unbiased estimate of that error exists (Y. Bengio and Y. Grandvalet, "No unbiased estimator of the variance of
    k-fold cross-validation", JMLR 5 (2004), 1089-1105).
    """

    values: list[float]
    mean: float
    std: float


def cross_validate(fit_and_measure: Callable[[Any, Any], float], folds: Iterable[tuple[Any, Any]]) -> CrossValidated:
    """Calls fit_and_measure(train, test) for each fold, and gathers what it measures.

    fit_and_measure: makes a new model, trains it on the samples `train` and measures it on the samples `test`. All that
                     is learned from data, a scaling too, belongs in it, or the test samples leak
    folds:           pairs of indices, as `data.k_fold` and `data.stratified_k_fold` give them

    Raises DataError for fewer than two folds, NonFiniteError for a measure that is nan or infinite.
    """
    values = []
    for number, (train, test) in enumerate(folds, 1):
        value = float(fit_and_measure(train, test))
        if not isfinite(value):
            raise NonFiniteError("cross_validate", "a finite measure", f"{value} of fold {number}")
        values.append(value)
    if len(values) < 2:
        raise DataError("cross_validate", "at least two folds", len(values))
    return CrossValidated(values, fmean(values), stdev(values))
