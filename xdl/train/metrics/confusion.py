"""The confusion matrix: which class was taken for which."""

from __future__ import annotations

from typing import Any

from xdl.errors import ShapeError
from xdl.train.metrics.values import labels_of


def confusion_matrix(target: Any, predicted: Any, num_classes: int) -> list[list[int]]:
    """counts[i][j]: samples of class i that were taken for class j. target and predicted: (N,) integers.

    Raises ShapeError for other shapes, DtypeError for other values, DataError for one outside [0, num_classes).
    """
    labels = [
        labels_of("confusion_matrix", name, given, num_classes)
        for name, given in (("target", target), ("predicted", predicted))
    ]
    if len(labels[0]) != len(labels[1]):
        found = f"{len(labels[0])} and {len(labels[1])}"
        raise ShapeError("confusion_matrix", "as many values in target and predicted", found)
    counts = [[0] * num_classes for _ in range(num_classes)]
    for true, guess in zip(*labels, strict=True):
        counts[true][guess] += 1
    return counts
