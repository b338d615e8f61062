"""Measures of samples: values by hand, against SciPy, and of sets whose distance is known."""

from math import log, sqrt

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.stats import wasserstein_distance

import xdl
from xdl.data import gaussian_modes, ring_of_centres
from xdl.errors import DataError, DtypeError, SettingError, ShapeError
from xdl.train.metrics.samples import (
    class_shares,
    entropy_of,
    frechet_distance,
    mean_discrepancy,
    modes_covered,
    nearest,
    wasserstein_1d,
)

RNG = np.random.default_rng(0)


def test_wasserstein_by_sorting_is_scipys(each_backend):
    for n, m in ((1, 1), (7, 7), (5, 11)):
        x, y = RNG.normal(size=n), RNG.normal(size=m) + 2
        for form in (list, np.array, xdl.tensor):
            assert wasserstein_1d(form(x), form(y)) == pytest.approx(wasserstein_distance(x, y), abs=1e-12)
    assert wasserstein_1d([1, 3], [3, 1]) == 0
    assert wasserstein_1d([0, 0], [1, 3]) == 2


def test_modes_are_counted_by_a_fifth_of_their_share(each_backend):
    centres = [[0.0, 0.0], [10.0, 0.0]]
    near, far = [[0.1, 0.0]], [[5.0, 0.0]]
    found = modes_covered(np.array(near * 8 + [[10.0, 0.2]] + far), centres, 0.25)
    assert found == (2, 2, 0.9, [8, 1])
    for samples, covered in ((10, 2), (11, 1)):  # one of 10 is a fifth of 5, one of 11 is less than a fifth of 5.5
        points = np.array(near * (samples - 3) + [[10.0, 0.2]] + far * 2)
        assert modes_covered(points, centres, 0.25).covered == covered
    assert modes_covered(np.array(far * 3), centres, 0.25) == (0, 2, 0.0, [0, 0])
    assert modes_covered(np.array([[10.25, 0.0]]), centres, 0.25).near == 1
    points = gaussian_modes(ring_of_centres(), 2000)
    assert modes_covered(xdl.tensor(points), ring_of_centres(), 0.25)[:3] == (8, 8, 1.0)


def test_mean_discrepancy_by_the_sums():
    x, y, width = RNG.normal(size=(5, 3)), RNG.normal(size=(4, 3)) + 1, 0.7
    kernel = lambda a, b: np.exp(-((a[:, None] - b[None]) ** 2).sum(-1) / (2 * width**2))  # noqa: E731
    within = [(kernel(a, a).sum() - len(a)) / (len(a) * (len(a) - 1)) for a in (x, y)]
    expected = sum(within) - 2 * kernel(x, y).mean()
    assert mean_discrepancy(x, y, width) == pytest.approx(expected, abs=1e-12)
    same = [mean_discrepancy(RNG.normal(size=(50, 2)), RNG.normal(size=(50, 2)), 1.0) for _ in range(200)]
    assert abs(np.mean(same)) < 3 * np.std(same) / sqrt(200)
    assert min(same) < 0


def test_far_from_0_distances_are_the_same():
    x, y = RNG.normal(size=(30, 3)), RNG.normal(size=(20, 3)) + 1
    far = 1e8
    assert mean_discrepancy(x + far, y + far, 0.5) == pytest.approx(mean_discrepancy(x, y, 0.5), abs=1e-6)
    numbers, distances = nearest(x + far, y + far)
    assert numbers == nearest(x, y)[0]
    assert distances == pytest.approx(nearest(x, y)[1], abs=1e-6)
    centres = np.array([[0.0, 0.0], [5.0, 0.0]])
    points = np.repeat(centres, 10, 0) + 0.1 * RNG.normal(size=(20, 2))
    assert (
        modes_covered(points + far, centres + far, 0.5) == modes_covered(points, centres, 0.5) == (2, 2, 1.0, [10, 10])
    )


@pytest.mark.parametrize("width", [1e-200, 1e-9])
def test_a_kernel_that_sees_no_two_samples_together_has_no_discrepancy(width):
    x, y = RNG.normal(size=(30, 3)), RNG.normal(size=(20, 3))
    assert mean_discrepancy(x, y, width) == 0
    assert mean_discrepancy(x, y, 1e200) == pytest.approx(0, abs=1e-12)


def test_frechet_is_that_of_two_normal_distributions(each_backend):
    x, y = RNG.normal(size=(50, 4)), RNG.normal(size=(80, 4)) @ RNG.normal(size=(4, 4)) + 1
    s, t = np.cov(x.T), np.cov(y.T)
    expected = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(s + t - 2 * sqrtm(s @ t).real)
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(y, x) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(x, x + 3) == pytest.approx(9 * 4)
    flat = np.zeros((6, 4))  # a collapse has no covariance
    assert frechet_distance(flat, x) == pytest.approx((x.mean(0) ** 2).sum() + np.trace(s))


def test_classes():
    assert class_shares([0, 2, 2, 2], 3) == [0.25, 0, 0.75]
    assert entropy_of([0.25] * 4) == pytest.approx(log(4))
    assert entropy_of([0, 1, 0]) == 0
    for shares in ([0.5, 0.6], [1.5, -0.5]):
        with pytest.raises(DataError, match="sum 1"):
            entropy_of(shares)
    with pytest.raises(DtypeError):
        class_shares([0.5], 2)
    with pytest.raises(DataError, match="at least one label"):
        class_shares([], 2)


def test_the_nearest_known_sample():
    known = RNG.normal(size=(40, 2, 3))
    new = known[[7, 0, 39]] + 1e-3
    numbers, distances = nearest(np.concatenate([new] * 200), known)
    assert numbers == [7, 0, 39] * 200
    assert distances == pytest.approx([1e-3 * sqrt(6)] * 600, rel=1e-3)


@pytest.mark.parametrize("measure", [frechet_distance, lambda a, b: mean_discrepancy(a, b, 1.0), nearest])
def test_what_cannot_be_compared_is_refused(measure):
    fine = np.zeros((4, 2))
    with pytest.raises(ShapeError, match="of 2 numbers each, found 3"):
        measure(fine, np.zeros((4, 3)))
    with pytest.raises(DataError, match="finite"):
        measure(np.full((4, 2), np.nan), fine)
    with pytest.raises(DataError, match="at least"):
        measure(np.zeros((0, 2)), fine)


def test_settings_out_of_range_are_refused():
    with pytest.raises(SettingError, match="radius > 0"):
        modes_covered(np.zeros((2, 2)), np.zeros((2, 2)), 0)
    with pytest.raises(SettingError, match="mean_discrepancy: expected width > 0, found 'a'"):
        mean_discrepancy([[1.0], [2.0]], [[1.0], [2.0]], "a")
    with pytest.raises(SettingError, match="width > 0"):
        mean_discrepancy(np.zeros((2, 2)), np.zeros((2, 2)), 0)
    with pytest.raises(DataError, match="at least one number"):
        wasserstein_1d([], [1])
