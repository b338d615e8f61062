"""Precision, recall and F1: of each class and averaged, against values by hand and scikit-learn's documented ones."""

import pytest

from xdl.errors import DataError, DtypeError, SettingError, ShapeError
from xdl.train import metrics
from xdl.train.metrics import average_of_classes, class_measures, confusion_matrix

# target [0, 1, 2, 0, 1, 2], predicted [0, 2, 1, 0, 0, 1]: the example of scikit-learn's precision_score and f1_score
DOCUMENTED = confusion_matrix([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], 3)


def test_measures_of_each_class_as_documented():
    classes = class_measures(DOCUMENTED)
    assert [c.precision for c in classes] == pytest.approx([2 / 3, 0, 0])
    assert [c.recall for c in classes] == [1, 0, 0]
    assert [c.f1 for c in classes] == [0.8, 0, 0]
    assert [(c.support, c.predicted, c.hits) for c in classes] == [(2, 3, 2), (2, 2, 0), (2, 1, 0)]


@pytest.mark.parametrize(
    ("average", "precision", "recall", "f1"),
    [("micro", 1 / 3, 1 / 3, 1 / 3), ("macro", 2 / 9, 1 / 3, 0.8 / 3), ("weighted", 2 / 9, 1 / 3, 0.8 / 3)],
)
def test_averages_as_documented(average, precision, recall, f1):
    assert average_of_classes(DOCUMENTED, average)[:3] == pytest.approx((precision, recall, f1))


def test_a_rare_class_counts_alike_in_macro_and_little_in_weighted():
    matrix = [[89, 1], [8, 2]]  # by hand: precision 89/97 and 2/3, recall 89/90 and 2/10
    macro, weighted = average_of_classes(matrix, "macro"), average_of_classes(matrix, "weighted")
    assert macro.precision == pytest.approx((89 / 97 + 2 / 3) / 2)
    assert macro.recall == pytest.approx((89 / 90 + 0.2) / 2)
    assert macro.f1 == pytest.approx((178 / 187 + 4 / 13) / 2)
    assert weighted.precision == pytest.approx(0.9 * 89 / 97 + 0.1 * 2 / 3)
    assert weighted.recall == pytest.approx(0.91)  # the accuracy
    assert average_of_classes(matrix, "micro")[:3] == pytest.approx((0.91, 0.91, 0.91))


def test_what_is_not_defined_is_none_and_left_out_of_means():
    matrix = [[3, 0, 0], [2, 0, 0], [0, 0, 0]]  # class 1 is never predicted, class 2 is nowhere
    _, never, nowhere = class_measures(matrix)
    assert (never.precision, never.recall, never.f1) == (None, 0.0, 0.0)
    assert nowhere[:3] == (None, None, None)
    assert average_of_classes(matrix, "macro")[:3] == pytest.approx((0.6, 0.5, 0.375))
    assert average_of_classes(matrix, "macro", zero_division=0.0)[:3] == pytest.approx((0.2, 1 / 3, 0.25))
    assert average_of_classes(matrix, "weighted", zero_division=0.0).precision == pytest.approx(0.36)


@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
def test_no_samples_at_all_leave_nothing_defined(average):
    assert average_of_classes([[0, 0], [0, 0]], average) == (None, None, None, 0, 0, 0)


def test_one_class_alone():
    assert class_measures([[4]]) == [(1.0, 1.0, 1.0, 4, 4, 4)]


@pytest.mark.parametrize(
    ("matrix", "error", "match"),
    [
        ([], ShapeError, "square"),
        ([[1, 2]], ShapeError, "square"),
        ([[1, 2], [0.5, 1]], DtypeError, "whole numbers as counts, found float"),
        ([[1, -2], [0, 1]], DataError, "counts >= 0, found -2"),
    ],
)
def test_what_is_no_confusion_matrix_is_refused(matrix, error, match):
    with pytest.raises(error, match=match):
        class_measures(matrix)


def test_another_average_is_refused():
    with pytest.raises(SettingError, match="average among micro, macro, weighted, found 'samples'"):
        average_of_classes(DOCUMENTED, "samples")


def test_the_package_keeps_the_names_that_its_module_had():
    assert {"Accuracy", "Metric", "Unchecked", "accuracy", "confusion_matrix"} <= set(metrics.__all__)
