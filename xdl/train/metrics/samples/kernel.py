"""Maximum mean discrepancy: how far two sets of samples are apart by the means of a kernel."""

from __future__ import annotations

from typing import Any

from xdl.errors import SettingError, expect
from xdl.tensor import Tensor, no_grad
from xdl.train.metrics.samples.points import squared_distances, two_samples

FAR = 100.0  # widths, at which the kernel is 0 in float64


def mean_discrepancy(one: Any, other: Any, width: float) -> float:
    """MMD**2 = E k(x, x') + E k(y, y') - 2 E k(x, y), k(a, b) = exp(-|a - b|**2 / (2 width**2)) (Gretton et al. 2012).

    one, other: (N, D) and (M, D), N, M >= 2

    The estimate without bias: pairs of a sample with itself are left out, so that it is 0 in the mean for two sets of
    one distribution, and below 0 in about half of the cases. Raises ShapeError, DataError, SettingError for a width.
    """
    right = isinstance(width, int | float) and width > 0
    expect(right, SettingError, "mean_discrepancy", "width > 0", repr(width))
    x, y = two_samples("mean_discrepancy", 2, one=one, other=other)
    with no_grad():
        within = _within(x, width) + _within(y, width)
        return within - 2 * float(_kernel(x, y, width).mean().item())


def _within(points: Tensor, width: float) -> float:
    n = len(points)
    kernel = _kernel(points, points, width)
    return float((kernel.sum() - kernel.diagonal().sum()).item()) / (n * (n - 1))


def _kernel(one: Tensor, other: Tensor, width: float) -> Tensor:
    apart = (squared_distances(one, other).sqrt() / width).clamp(0, FAR)
    return (apart.square() / -2).exp()
