"""How steep points lie: of a law like error ~ n**p, the power p is the slope of its line on logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10, nan
from statistics import fmean


def steepness(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the line of least squares through points; nan for fewer than two."""
    if len(points) < 2:
        return nan
    middle = fmean(x for x, _ in points)
    return sum((x - middle) * y for x, y in points) / sum((x - middle) ** 2 for x, _ in points)


def power(xs: Sequence[float], ys: Sequence[float]) -> float:
    """p of the law y ~ x**p that fits best on logarithmic axes; points that are not above 0 have no place on them."""
    return steepness([(log10(x), log10(y)) for x, y in zip(xs, ys, strict=True) if x > 0 and y > 0])
