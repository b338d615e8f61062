"""Intervals and bands, against published values and by counting."""

from math import comb

import pytest

from xdl.errors import SettingError
from xdl.runs.statistics import Band, band, numbers, wilson_interval


@pytest.mark.parametrize(
    ("successes", "n", "interval"),
    [  # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0000, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilsons_interval_is_the_published_one(successes, n, interval):
    assert wilson_interval(successes, n) == pytest.approx(interval, abs=5e-5)


def test_it_holds_the_true_share_about_as_often_as_it_says():
    n, p = 40, 0.93
    chances = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    held = sum(c for k, c in enumerate(chances) if wilson_interval(k, n)[0] <= p <= wilson_interval(k, n)[1])
    assert held == pytest.approx(0.95, abs=0.03)


def test_both_ends_stay_within_0_and_1():
    assert wilson_interval(0, 5)[0] == 0.0
    assert wilson_interval(5, 5)[1] == 1.0
    narrow, wide = wilson_interval(90, 100, 0.5), wilson_interval(90, 100, 0.99)
    assert wide[0] < narrow[0] < 0.9 < narrow[1] < wide[1]


@pytest.mark.parametrize("given", [(1, 0), (-1, 5), (6, 5), (1, 5, 0.0), (1, 5, 1.0)])
def test_numbers_out_of_range_are_refused(given):
    with pytest.raises(SettingError, match="wilson_interval"):
        wilson_interval(*given)


def test_a_band():
    assert band([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]) == Band(8, 5.0, pytest.approx(2.1380899), 2.0, 9.0)
    assert band([3.0]) == (1, 3.0, 0.0, 3.0, 3.0)
    with pytest.raises(SettingError, match="at least one value"):
        band([])


def test_the_numbers_of_results_have_names_of_their_own():
    results = {
        "test_loss": 0.5,
        "epochs": 3,
        "note": "words",
        "good": True,
        "nothing": None,
        "seconds": {"loops": 2.0, "xdl": 0.1},
        "models": [{"model": "linear", "loss": 0.3, "why": "x"}, {"model": "deep", "loss": None, "accuracy": 1}],
        "losses": [[1, 0.5], [2, 0.4]],
    }
    assert numbers(results) == {
        "test_loss": 0.5,
        "epochs": 3,
        "seconds loops": 2.0,
        "seconds xdl": 0.1,
        "models linear loss": 0.3,
        "models deep accuracy": 1,
    }
