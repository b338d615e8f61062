"""The Wasserstein-1 distance of two sets of numbers, exact by sorting."""

from __future__ import annotations

from itertools import pairwise
from math import fsum
from typing import Any

from xdl.errors import DataError, expect
from xdl.train.metrics.values import numbers_of


def wasserstein_1d(one: Any, other: Any) -> float:
    """W1 = the integral of |F(x) - G(x)| over x, F and G the shares of the numbers up to x (Vallender 1974).

    one, other: (N,) and (M,) finite. For N = M it is the mean of |x_i - y_i|, both sorted. Raises ShapeError,
    DtypeError, DataError.
    """
    x, y = (sorted(numbers_of("wasserstein_1d", name, given)) for name, given in (("one", one), ("other", other)))
    expect(len(x) > 0 and len(y) > 0, DataError, "wasserstein_1d", "at least one number each", (len(x), len(y)))
    ends = sorted([(value, 1 / len(x)) for value in x] + [(value, -1 / len(y)) for value in y])
    parts, apart = [], 0.0
    for (value, step), (following, _) in pairwise(ends):
        apart += step
        parts.append(abs(apart) * (following - value))
    return fsum(parts)
