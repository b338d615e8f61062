"""How well scores put one class before the other: the ROC curve, the precision-recall curve, and the areas below."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

from xdl.errors import DataError
from xdl.train.metrics.values import check_lengths, labels_of, numbers_of, rows_of, yes_or_no


class RocCurve(NamedTuple):
    """Samples with score >= thresholds[i] are taken for class 1; thresholds fall, the first is inf: none is taken.

    false_positive_rate: the share of class 0 that is taken for class 1, from 0 to 1
    true_positive_rate:  the share of class 1 that is taken for class 1, its recall, from 0 to 1
    """

    false_positive_rate: list[float]
    true_positive_rate: list[float]
    thresholds: list[float]


class PrecisionRecallCurve(NamedTuple):
    """Samples with score >= thresholds[i] are taken for class 1; thresholds rise.

    precision and recall have one value more: at the end 1 and 0, where none is taken, which has no threshold.
    """

    precision: list[float]
    recall: list[float]
    thresholds: list[float]


def roc_curve(target: Any, scores: Any) -> RocCurve:
    """The receiver operating characteristic, a point for each different score.

    target: (N,) 0 and 1, or False and True; scores: (N,) finite, higher for class 1

    Samples of one score pass the threshold together: between their points the curve is a slanted line. Raises
    DataError unless both classes are there, and for nan; ShapeError, DtypeError.
    """
    counts, negatives, positives = _of_both("roc_curve", target, scores)
    return RocCurve(
        [0.0, *(false / negatives for _, _, false in counts)],
        [0.0, *(true / positives for _, true, _ in counts)],
        [inf, *(threshold for threshold, _, _ in counts)],
    )


def roc_auc(target: Any, scores: Any) -> float:
    """The area below the ROC curve: how often a sample of class 1 scores higher than one of class 0, ties as half.

    That is the Mann-Whitney statistic U over the number of pairs. 0.5 is chance, whatever the share of the classes.
    Arguments and errors are those of `roc_curve`.

    J. A. Hanley and B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
    curve", Radiology 143 (1982), 29-36.
    """
    counts, negatives, positives = _of_both("roc_auc", target, scores)
    twice, true_before, false_before = 0, 0, 0
    for _, true, false in counts:
        twice += (false - false_before) * (true + true_before)
        true_before, false_before = true, false
    return twice / (2 * negatives * positives)


def one_vs_rest_auc(target: Any, scores: Any) -> list[float | None]:
    """For each class the `roc_auc` of its scores, its samples against all others; None for a class without any.

    target: (N,) integers in [0, K); scores: (N, K) finite. Where all samples are of one class, its area is None, too.
    Raises ShapeError, DtypeError, DataError.
    """
    rows = rows_of("one_vs_rest_auc", "scores", scores)
    classes = len(rows[0]) if rows else 0
    labels = labels_of("one_vs_rest_auc", "target", target, classes)
    check_lengths("one_vs_rest_auc", target=labels, scores=rows)
    there = set(labels)
    return [
        roc_auc([label == k for label in labels], [row[k] for row in rows]) if k in there and len(there) > 1 else None
        for k in range(classes)
    ]


def precision_recall_curve(target: Any, scores: Any) -> PrecisionRecallCurve:
    """Precision against recall, a point for each different score; arguments as of `roc_curve`.

    Its baseline, precision by chance, is the share of class 1. Raises DataError where class 1 has no samples: its
    recall is not defined.
    """
    counts, _, positives = _counts("precision_recall_curve", target, scores)
    if not positives:
        raise DataError("precision_recall_curve", "samples of class 1 in target", "none")
    rising = counts[::-1]
    return PrecisionRecallCurve(
        [*(true / (true + false) for _, true, false in rising), 1.0],
        [*(true / positives for _, true, _ in rising), 0.0],
        [threshold for threshold, _, _ in rising],
    )


def average_precision(target: Any, scores: Any) -> float:
    """sum_i (recall_i - recall_(i-1)) precision_i over falling thresholds: the area below the curve's steps.

    Straight lines between the points would flatter (J. Davis and M. Goadrich, "The relationship between
    precision-recall and ROC curves", ICML 2006). Arguments and errors are those of `precision_recall_curve`.
    """
    precision, recall, _ = precision_recall_curve(target, scores)
    return sum(precision[i] * (recall[i] - recall[i + 1]) for i in range(len(recall) - 1))


def _of_both(operation: str, target: Any, scores: Any) -> tuple[list[tuple[float, int, int]], int, int]:
    """`_counts` of samples of both classes."""
    counts, negatives, positives = _counts(operation, target, scores)
    for label, number in enumerate((negatives, positives)):
        if not number:
            hint = "Without both classes no pair of them can be put in order"
            raise DataError(operation, "samples of both classes in target", f"none of class {label}", hint)
    return counts, negatives, positives


def _counts(operation: str, target: Any, scores: Any) -> tuple[list[tuple[float, int, int]], int, int]:
    """(threshold, samples of class 1 from it on, samples of class 0) by falling threshold, and how many there are."""
    labels, values = yes_or_no(operation, "target", target), numbers_of(operation, "scores", scores)
    check_lengths(operation, target=labels, scores=values)
    counts: list[tuple[float, int, int]] = []
    true = false = 0
    for value, label in sorted(zip(values, labels, strict=True), reverse=True):
        true, false = true + label, false + (not label)
        if counts and counts[-1][0] == value:
            counts.pop()
        counts.append((value, true, false))
    return counts, false, true
