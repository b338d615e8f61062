"""Errors of predicted numbers and of probabilities, against values by hand and scikit-learn's documented ones."""

from math import inf, log, sqrt

import numpy as np
import pytest

import xdl
from xdl.errors import DataError, DtypeError, ShapeError
from xdl.functional import cross_entropy
from xdl.train.metrics import (
    brier_score,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)

TARGET, PREDICTED = [3, -0.5, 2, 7], [2.5, 0.0, 2, 8]  # the example of scikit-learn's pages
OF_NUMBERS = [mean_absolute_error, mean_squared_error, r2_score, root_mean_squared_error]


def test_the_documented_example(each_backend):
    for form in (list, np.array, xdl.tensor):
        target, predicted = form(TARGET), form(PREDICTED)
        assert mean_squared_error(target, predicted) == 0.375
        assert root_mean_squared_error(target, predicted) == sqrt(0.375)
        assert mean_absolute_error(target, predicted) == 0.5
        assert r2_score(target, predicted) == pytest.approx(0.9486081370449679)


def test_r2_of_the_mean_of_worse_and_of_a_constant():
    assert r2_score([1, 2, 3], [1, 2, 3]) == 1
    assert r2_score([1, 2, 3], [2, 2, 2]) == 0
    assert r2_score([1, 2, 3], [3, 2, 1]) == -3
    with pytest.raises(DataError, match="a target with different values, found 3 times 2"):
        r2_score([2, 2, 2], [1, 2, 3])
    with pytest.raises(DataError, match="found 1 times 2"):
        r2_score([2], [1])


@pytest.mark.parametrize("measure", OF_NUMBERS)
@pytest.mark.parametrize(
    ("target", "predicted", "error", "match"),
    [
        ([1, float("nan")], [1, 2], DataError, "finite target, found nan"),
        ([1, 2], [1, -inf], DataError, "finite predicted, found -inf"),
        ([1, 2], [1], ShapeError, "found 2 and 1"),
        ([[1], [2]], [1, 2], ShapeError, r"target \(N,\)"),
        ([True, False], [1, 2], DtypeError, "numbers as target, found bool"),
        ([], [], DataError, "at least one sample"),
    ],
)
def test_what_has_no_error_is_refused(measure, target, predicted, error, match):
    with pytest.raises(error, match=match):
        measure(target, predicted)


def test_log_loss_and_brier_as_documented():
    spam = [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]]
    assert log_loss([1, 0, 0, 1], spam) == pytest.approx(0.21616187468057912)
    two = [[0.9, 0.1], [0.1, 0.9], [0.2, 0.8], [0.7, 0.3]]
    assert brier_score([0, 1, 1, 0], two) / 2 == pytest.approx(0.0375)  # its form for two classes is half of it


def test_probabilities_by_hand():
    thirds = [[1 / 3] * 3] * 2
    assert log_loss([0, 2], thirds) == pytest.approx(log(3))
    assert brier_score([0, 2], thirds) == pytest.approx(2 / 3)
    assert (log_loss([1], [[0, 1]]), brier_score([1], [[0, 1]])) == (0, 0)
    assert (log_loss([0], [[0, 1]]), brier_score([0], [[0, 1]])) == (inf, 2)


def test_log_loss_is_the_cross_entropy_of_the_logits(each_backend):
    logits = xdl.tensor([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]])
    expected = cross_entropy(logits, xdl.tensor([2, 1])).item()
    assert log_loss([2, 1], logits.softmax(1)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("measure", [brier_score, log_loss])
@pytest.mark.parametrize(
    ("target", "rows", "error", "match"),
    [
        ([0], [[0.5, 0.6]], DataError, "sum to 1"),
        ([0], [[1.5, -0.5]], DataError, "probabilities >= 0"),
        ([0], [[0.5, float("nan")]], DataError, "finite probabilities, found nan"),
        ([2], [[0.5, 0.5]], DataError, r"target in \[0, 2\), found 2"),
        ([0], [[1.0]], ShapeError, "K >= 2"),
        ([0, 1], [[0.5, 0.5]], ShapeError, "found 2 and 1"),
        ([], [], DataError, "at least one sample"),
    ],
)
def test_what_are_no_probabilities_is_refused(measure, target, rows, error, match):
    with pytest.raises(error, match=match):
        measure(target, rows)
