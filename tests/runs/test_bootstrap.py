"""Block bootstrap: it gives what is known, and holds the truth as often as it says, also where errors hang together."""

from math import sqrt

import pytest

import xdl
from xdl.errors import SettingError
from xdl.random import Stream
from xdl.runs.bootstrap import Skill, block_bootstrap, skill


def series(n, memory, seed):
    """An autoregression of std 1."""
    z = xdl.randn(n, dtype="float64", generator=Stream(seed, "errors")).tolist()
    x = z[:1]
    for shock in z[1:]:
        x.append(memory * x[-1] + sqrt(1 - memory**2) * shock)
    return x


def test_of_independent_steps_it_is_the_interval_of_the_mean():
    n = 400
    x = series(n, 0.0, 1)
    low, high = block_bootstrap(x, [1.0] * n, 1)
    mean = sum(x) / n
    half = 1.96 * sqrt(sum((one - mean) ** 2 for one in x)) / n
    assert (low, high) == pytest.approx((mean - half, mean + half), abs=0.15 * half)


@pytest.mark.parametrize(("block", "least", "most"), [(1, 0.2, 0.6), (30, 0.8, 1.0)])
def test_blocks_hold_the_truth_where_errors_hang_together(block, least, most):
    """Mean 0 of an autoregression with memory 0.9: single steps are overconfident, blocks are not."""
    n, times = 300, 40
    held = 0
    for seed in range(times):
        low, high = block_bootstrap(series(n, 0.9, seed), [1.0] * n, block, resamples=200)
        held += low <= 0 <= high
    assert least <= held / times <= most


def test_skill_is_known_where_errors_are_in_proportion():
    baseline = [float(i % 7 + 1) for i in range(100)]
    found = skill([0.75 * one for one in baseline], baseline, 10)
    assert found == pytest.approx((0.25, 0.25, 0.25))
    assert not found.is_none
    assert skill(baseline, baseline, 5) == (0, 0, 0)
    assert skill(baseline, baseline, 5).is_none
    assert str(Skill(-0.5, -1, 0.25)) == "-0.500 (-1.000 to +0.250)"
    assert skill(baseline[::-1], baseline, 10, seed=1) == skill(baseline[::-1], baseline, 10, seed=1)


@pytest.mark.parametrize(
    ("errors", "baseline", "block", "message"),
    [
        ([1.0], [1.0, 2.0], 1, r"two series of one length, found \(1, 2\)"),
        ([], [], 1, "two series of one length"),
        ([1.0, 2.0], [1.0, 2.0], 3, "a block of 1 to n = 2 steps, found 3"),
        ([1.0, 2.0], [0.0, 0.0], 1, "denominators whose sum is above 0"),
    ],
)
def test_what_does_not_fit_is_refused(errors, baseline, block, message):
    with pytest.raises(SettingError, match=message):
        skill(errors, baseline, block)
