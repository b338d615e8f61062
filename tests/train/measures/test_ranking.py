"""ROC and precision-recall curves and their areas: by hand, scikit-learn's documented values, Mann-Whitney."""

from itertools import product
from math import inf

import numpy as np
import pytest

import xdl
from xdl.errors import DataError, DtypeError, ShapeError
from xdl.train.metrics import average_precision, one_vs_rest_auc, precision_recall_curve, roc_auc, roc_curve

TARGET, SCORES = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]  # the example of scikit-learn's pages on all four


def test_the_documented_example():
    assert roc_curve(TARGET, SCORES) == ([0, 0, 0.5, 0.5, 1], [0, 0.5, 0.5, 1, 1], [inf, 0.8, 0.4, 0.35, 0.1])
    assert roc_auc(TARGET, SCORES) == 0.75
    precision, recall, thresholds = precision_recall_curve(TARGET, SCORES)
    assert precision == pytest.approx([0.5, 2 / 3, 0.5, 1, 1])
    assert recall == [1, 1, 0.5, 0.5, 0]
    assert thresholds == [0.1, 0.35, 0.4, 0.8]
    assert average_precision(TARGET, SCORES) == pytest.approx(0.8333333333)


def test_samples_of_one_score_pass_together():
    assert roc_curve([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.2]) == ([0, 0.5, 1], [0, 1, 1], [inf, 0.5, 0.2])
    assert roc_auc([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.2]) == 0.75
    assert roc_auc([0, 1, 0], [3.0, 3.0, 3.0]) == 0.5
    assert average_precision([0, 1, 0, 1], [3.0, 3.0, 3.0, 3.0]) == 0.5


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_the_area_is_the_share_of_pairs_in_order(levels):
    draw = np.random.default_rng(levels)
    target, scores = draw.integers(0, 2, 60), draw.integers(0, levels, 60) / 4
    pairs = list(product(scores[target == 1], scores[target == 0]))
    share = sum((one > other) + 0.5 * (one == other) for one, other in pairs) / len(pairs)
    assert roc_auc(target, scores) == pytest.approx(share, abs=1e-12)
    false, true, _ = roc_curve(target, scores)
    area = sum(np.diff(false) * (np.array(true)[1:] + true[:-1])) / 2
    assert area == pytest.approx(share, abs=1e-12)
    assert roc_auc(target, -scores) == pytest.approx(1 - share, abs=1e-12)
    assert roc_auc(1 - target, scores) == pytest.approx(1 - share, abs=1e-12)


def test_perfect_and_reversed_scores():
    assert roc_auc([0, 0, 1], [1, 2, 3]) == 1
    assert average_precision([0, 0, 1], [1, 2, 3]) == 1
    assert roc_auc([1, 0, 0], [1, 2, 3]) == 0
    assert average_precision([1, 0, 0], [1, 2, 3]) == pytest.approx(1 / 3)


def test_precision_recall_without_class_0_is_1_everywhere():
    assert precision_recall_curve([1, 1], [0.2, 0.3]) == ([1, 1, 1], [1, 0.5, 0], [0.2, 0.3])
    assert average_precision([1, 1], [0.2, 0.3]) == 1


@pytest.mark.parametrize(("target", "missing"), [([0, 0], 1), ([1, 1], 0)])
def test_one_class_alone_has_no_roc(target, missing):
    for measure in (roc_curve, roc_auc):
        with pytest.raises(DataError, match=f"samples of both classes in target, found none of class {missing}"):
            measure(target, [0.1, 0.2])


@pytest.mark.parametrize("measure", [precision_recall_curve, average_precision])
def test_no_sample_of_class_1_has_no_recall(measure):
    with pytest.raises(DataError, match="samples of class 1 in target, found none"):
        measure([0, 0], [0.1, 0.2])


@pytest.mark.parametrize(
    ("target", "scores", "error", "match"),
    [
        ([0, 1], [0.1, float("nan")], DataError, "finite scores, found nan"),
        ([0, 1], [0.1, inf], DataError, "finite scores, found inf"),
        ([0, 2], [0.1, 0.2], DataError, r"target in \[0, 2\), found 2"),
        ([-1, 1], [0.1, 0.2], DataError, "found -1"),
        ([0.0, 1.0], [0.1, 0.2], DtypeError, "integers as target, found float"),
        ([0, 1], ["a", "b"], DtypeError, "numbers as scores, found str"),
        ([0, 1], [0.1], ShapeError, "as many values in target and scores, found 2 and 1"),
        ([0, 1], 0.1, ShapeError, r"scores \(N,\), found float"),
        ([0, 1], [[0.1], [0.2]], ShapeError, r"scores \(N,\)"),
        ([0, 1], xdl.zeros(2, 1), ShapeError, r"scores \(N,\), found \(2, 1\)"),
        ([], [], DataError, "at least one sample, found none"),
    ],
)
def test_what_cannot_be_ranked_is_refused(target, scores, error, match):
    for measure in (roc_auc, average_precision):
        with pytest.raises(error, match=match):
            measure(target, scores)


def test_lists_arrays_tensors_and_truth_values(each_backend):
    for form in (list, np.array, xdl.tensor, tuple):
        assert roc_auc(form(TARGET), form(SCORES)) == 0.75
        assert roc_auc(form([label == 1 for label in TARGET]), form(SCORES)) == 0.75


def test_one_class_against_the_rest():
    scores = [[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1]]
    assert one_vs_rest_auc([0, 0, 1, 1], scores) == [0.75, 0.75, None]  # by hand: 3 of 4 pairs; no class 2
    assert one_vs_rest_auc(np.array([0, 0]), np.array(scores[:2])) == [None, None, None]
    for wrong in ([[0.7], [0.4]], [[0.7, 0.1], [0.4]], [0.7, 0.1]):
        with pytest.raises(ShapeError, match=r"scores \(N, K\)"):
            one_vs_rest_auc([0, 1], wrong)
    with pytest.raises(DataError, match=r"target in \[0, 3\), found 3"):
        one_vs_rest_auc([0, 3], scores[:2])
