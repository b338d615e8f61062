"""Precision, recall and F1 of each class, and their averages, from a confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xdl.errors import DataError, DtypeError, SettingError, ShapeError

AVERAGES = ("micro", "macro", "weighted")


class ClassMeasures(NamedTuple):
    """How one class is told from the rest; None for a quotient 0 / 0, which has no value.

    precision: of the samples taken for the class, the share that is of it; None if none was taken for it
    recall:    of the samples of the class, the share that was taken for it; None if it has no samples
    f1:        2 hits / (support + predicted), the harmonic mean of both; None if there is neither
    support:   samples of the class
    predicted: samples taken for it
    hits:      samples of the class that were taken for it
    """

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int
    hits: int


def class_measures(matrix: Sequence[Sequence[int]]) -> list[ClassMeasures]:
    """The measures of each class of a confusion matrix (K, K), matrix[i][j] = samples of class i taken for class j.

    Raises ShapeError for a matrix that is not square, DtypeError and DataError for what are no counts.
    """
    _check(matrix)
    return [_measures(matrix[k][k], sum(matrix[k]), sum(row[k] for row in matrix)) for k in range(len(matrix))]


def average_of_classes(
    matrix: Sequence[Sequence[int]], average: str = "macro", zero_division: float | None = None
) -> ClassMeasures:
    """The measures of all classes in one.

    average:       micro: hits, samples and predictions of all classes are added first; of one label a sample, all
                   three measures are the accuracy. macro: the mean over classes, each counting the same. weighted: the
                   mean over classes, each counting by its samples
    zero_division: what stands for 0 / 0 of a class; None leaves such a class out of that mean, which is None where no
                   class is left

    The F1 of macro is the mean of the classes' F1, not the harmonic mean of macro precision and macro recall.
    Raises SettingError for another average, and what `class_measures` raises.
    """
    if average not in AVERAGES:
        raise SettingError("average_of_classes", f"average among {', '.join(AVERAGES)}", repr(average))
    classes = class_measures(matrix)
    hits, support = sum(c.hits for c in classes), sum(c.support for c in classes)
    if average == "micro":
        return _measures(hits, support, support)
    weights = [c.support if average == "weighted" else 1 for c in classes]
    precision, recall, f1 = (
        _mean([zero_division if c[i] is None else c[i] for c in classes], weights) for i in range(3)
    )
    return ClassMeasures(precision, recall, f1, support, support, hits)


def _measures(hits: int, support: int, predicted: int) -> ClassMeasures:
    return ClassMeasures(
        _share(hits, predicted), _share(hits, support), _share(2 * hits, support + predicted), support, predicted, hits
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float | None], weights: Sequence[int]) -> float | None:
    """The mean of the values that there are; None where these have no weight."""
    there = [(value, weight) for value, weight in zip(values, weights, strict=True) if value is not None]
    total = sum(weight for _, weight in there)
    return sum(value * weight for value, weight in there) / total if total else None


def _check(matrix: Sequence[Sequence[int]]) -> None:
    if not len(matrix) or any(len(row) != len(matrix) for row in matrix):
        raise ShapeError("class_measures", "a square matrix (K, K)", f"rows of {[len(row) for row in matrix]} counts")
    for count in (count for row in matrix for count in row):
        if not isinstance(count, int) or isinstance(count, bool):
            raise DtypeError("class_measures", "whole numbers as counts", type(count).__name__)
        if count < 0:
            raise DataError("class_measures", "counts >= 0", count)
