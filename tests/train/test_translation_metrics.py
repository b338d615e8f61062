"""Exact match and chrF, beside figures computed by hand."""

from __future__ import annotations

import pytest

from xdl.errors import DataError, SettingError, ShapeError
from xdl.train.metrics import chrf, exact_match


def test_exact_match():
    assert exact_match(["a", "b", "c"], [["a"], ["x", "b"], ["C"]]) == pytest.approx(2 / 3)


def test_chrf_by_hand():
    """ "abcd" for "abce": 1-grams 3 of 4, 2-grams 2 of 3, 3-grams 1 of 2, 4-grams 0 of 1, on both sides."""
    mean = (3 / 4 + 2 / 3 + 1 / 2 + 0) / 4
    assert chrf(["abcd"], [["abce"]]) == pytest.approx(mean)
    assert chrf(["a b  cd"], [["abce"]]) == pytest.approx(mean)  # blanks do not count
    assert chrf(["ab"], [["abcd"]], n=2) == pytest.approx(5 * 1 * (5 / 12) / (4 * 1 + 5 / 12))
    assert chrf(["ab"], [["abcd"]], n=2, beta=1) == pytest.approx(2 * (5 / 12) / (1 + 5 / 12))


def test_chrf_of_several_sentences_and_references():
    assert chrf(["ab", "xyz"], [["ab"], ["uvw"]], n=1) == pytest.approx(2 / 5)  # 2 of 5 letters on both sides
    assert chrf(["ab"], [["xy", "ab"]]) == 1
    assert chrf(["aaa"], [["a"]], n=1) == pytest.approx(5 * (1 / 3) / (4 / 3 + 1))  # a letter matches once
    assert chrf(["", "x"], [["ab"], ["y"]]) == 0


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ((["a"], []), ShapeError),
        (([], []), DataError),
        ((["a"], [[]]), DataError),
        ((["a"], ["a"]), DataError),
        ((["a"], [["a"]], 0), SettingError),
        ((["a"], [["a"]], 2, 0.0), SettingError),
    ],
)
def test_refusals(given, error):
    with pytest.raises(error):
        chrf(*given)
