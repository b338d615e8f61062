"""Intervals for measures of a series, whose errors hang together: block bootstrap, and the skill of a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from xdl.errors import SettingError, expect
from xdl.random import Stream, randint

RESAMPLES = 1000


def block_bootstrap(
    numerators: Sequence[float],
    denominators: Sequence[float],
    block: int,
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    """The interval of sum(numerators) / sum(denominators), of two series over the same n steps.

    block: L, steps that are drawn together. A resample has ceil(n / L) blocks of neighbouring steps, each from a
           start drawn at random, where step n - 1 is followed by step 0; the ends of the interval are the quantiles
           (1 - confidence) / 2 and (1 + confidence) / 2 of the ratio over the resamples

    Steps that are drawn one by one (L = 1) count as independent. Where neighbours have errors in common, as forecasts
    of the same day from different origins have, that gives intervals which are too short; L should be several times
    as long as errors hang together, and n / L not be small. With ones as denominators it is the interval of a mean.

    D. N. Politis and J. P. Romano, "A circular block-resampling procedure for stationary data", in "Exploring the
    Limits of Bootstrap", 1992; H. R. Künsch, Annals of Statistics 17 (1989), 1217-1241. Raises SettingError for
    series of different or no length, a block beyond 1 to n, a sum of denominators that is not above 0.
    """
    n, where = len(numerators), "block_bootstrap"
    expect(n == len(denominators) and n > 0, SettingError, where, "two series of one length", (n, len(denominators)))
    expect(1 <= block <= n, SettingError, where, f"a block of 1 to n = {n} steps", block)
    expect(0 < confidence < 1, SettingError, where, "confidence between 0 and 1", confidence)
    expect(resamples >= 1, SettingError, where, "at least one resample", resamples)
    expect(sum(denominators) > 0, SettingError, where, "denominators whose sum is above 0", sum(denominators))
    tops, bottoms = (_block_sums(values, block) for values in (numerators, denominators))
    starts = randint(0, n, (resamples, -(-n // block)), generator=Stream(seed, where)).tolist()
    sums = [(sum(tops[i] for i in row), sum(bottoms[i] for i in row)) for row in starts]
    ratios = sorted(top / bottom for top, bottom in sums if bottom > 0)
    expect(bool(ratios), SettingError, where, "denominators above 0 in some resample", "none")
    return _quantile(ratios, (1 - confidence) / 2), _quantile(ratios, (1 + confidence) / 2)


class Skill(NamedTuple):
    """1 - MSE / MSE of a baseline, and its interval: 1 is perfect, 0 as good as the baseline, negative worse."""

    value: float
    low: float
    high: float

    @property
    def is_none(self) -> bool:
        """Whether the interval holds 0: nothing says that it is better or worse than the baseline."""
        return self.low <= 0 <= self.high

    def __str__(self) -> str:
        return f"{self.value:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def skill(errors: Sequence[float], baseline: Sequence[float], block: int, *, seed: int = 0) -> Skill:
    """The skill of forecasts whose squared errors are `errors`, against a baseline's over the same origins (n,).

    block: see `block_bootstrap`, whose errors it raises; both series are resampled together
    """
    low, high = block_bootstrap(errors, baseline, block, seed=seed)
    return Skill(1 - sum(errors) / sum(baseline), 1 - high, 1 - low)


def _block_sums(values: Sequence[float], block: int) -> list[float]:
    """The sum of the block that starts at each step, around the end."""
    sums = list(accumulate([*values, *values[: block - 1]], initial=0.0))
    return [sums[i + block] - sums[i] for i in range(len(values))]


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between two values by a straight line."""
    place = share * (len(ordered) - 1)
    i = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
    following = ordered[min(i + 1, len(ordered) - 1)]
    return ordered[i] + (place - i) * (following - ordered[i])
