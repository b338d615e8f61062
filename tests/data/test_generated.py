"""Generated data: shapes, what they are made by, and that the seed decides."""

from itertools import pairwise

import numpy as np
import pytest

import xdl
from xdl import data
from xdl.errors import SettingError

SEEDED = {
    "separable_points": data.separable_points,
    "gaussian_clouds": data.gaussian_clouds,
    "spiral": data.spiral,
    "noisy_sine": data.noisy_sine,
    "wavy_line": data.wavy_line,
    "plane": data.plane,
    "noisy_curve": lambda seed=0: (data.noisy_curve(300, seed=seed),),
    "sine_mix": lambda seed=0: (data.sine_mix(300, 0.1, seed=seed),),
    "ring_points": lambda seed=0: (data.ring_points(seed=seed),),
    "real_numbers": lambda seed=0: (data.real_numbers(seed=seed),),
    "autoregression": lambda seed=0: (data.autoregression(100, [0.5], seed=seed),),
    "dam_water": lambda seed=0: data.dam_water(seed)["train"],
}


@pytest.mark.parametrize("name", SEEDED)
def test_the_seed_decides_and_the_global_streams_are_left_alone(name):
    before = xdl.random.get_state()
    first, again, other = SEEDED[name](), SEEDED[name](), SEEDED[name](seed=1)
    assert xdl.random.get_state() == before
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    assert all(part.dtype in (np.float32, np.int64) for part in first)


def test_the_current_backend_does_not_matter(strict):
    here = data.spiral()
    xdl.use("array_api_strict")
    there = data.spiral()
    assert all(isinstance(part, np.ndarray) for part in there)
    assert all(np.array_equal(a, b) for a, b in zip(here, there, strict=True))


def test_separable_points_are_separable():
    points, labels = data.separable_points(300)
    side = points @ np.array([1.0, -2.0, 1.5]) / np.sqrt(7.25)
    assert points.shape == (300, 3)
    assert (side[labels == 1] > 0.099).all()
    assert (side[labels == 0] < -0.099).all()
    assert 100 < labels.sum() < 200


def test_xor():
    points, labels = data.xor()
    assert [(tuple(p), k) for p, k in zip(points.tolist(), labels.tolist(), strict=True)] == [
        ((0, 0), 0),
        ((0, 1), 1),
        ((1, 0), 1),
        ((1, 1), 0),
    ]


def test_gaussian_clouds():
    points, labels = data.gaussian_clouds(4000, distance=3.0)
    for label, centre in ((0, -1.5), (1, 1.5)):
        cloud = points[labels == label]
        assert len(cloud) == 2000
        assert cloud.mean(axis=0) == pytest.approx([centre, centre], abs=0.1)
        assert cloud.std(axis=0) == pytest.approx([1, 1], abs=0.06)


def test_a_spiral_without_noise_is_a_spiral():
    points, labels = data.spiral(50, classes=2, noise=0.0)
    radius = np.hypot(*points.T)
    assert points.shape == (100, 2)
    assert radius[labels == 1] == pytest.approx(np.linspace(0, 1, 50), abs=1e-6)
    assert points[49] == pytest.approx([np.sin(4), np.cos(4)], abs=1e-6)


def test_curves_without_noise():
    x, y = data.noisy_sine(5, noise=0.0)
    assert x[:, 0].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert y == pytest.approx([0, 1, 0, -1, 0], abs=1e-6)
    x, y = data.wavy_line(30, noise=0.0)
    assert y == pytest.approx(x[:, 0] + 2 * np.sin(1.5 * x[:, 0]), abs=1e-5)
    assert all(a <= b for a, b in pairwise(x[:, 0]))
    points, z = data.plane(20, noise=0.0)
    assert z == pytest.approx(points @ np.array([3, 2]) + 5, abs=1e-5)
    assert data.sine_mix(3) == pytest.approx([1, np.sin(0.1) + np.cos(0.2), np.sin(0.2) + np.cos(0.4)], abs=1e-6)


@pytest.mark.parametrize("order", [1, 2, 3, 8, 20, 60])
def test_autoregressions_are_stable(order):
    a = data.stable_coefficients(order, seed=3)
    roots = np.roots(np.concatenate([[1], -a]))
    assert len(a) == order
    assert np.abs(roots).max() < 0.97
    series = data.autoregression(5000, a, seed=1)
    assert np.isfinite(series).all()
    late, early = np.abs(series[2500:]).max(), np.abs(series[:2500]).max()
    assert late < 3 * early


def test_an_autoregression_follows_its_coefficients():
    a = np.array([0.6, -0.3])
    x = data.autoregression(20000, a).astype(np.float64)
    columns = np.stack([x[1:-1], x[:-2]], axis=1)
    fitted = np.linalg.lstsq(columns, x[2:], rcond=None)[0]
    assert fitted == pytest.approx(a, abs=0.02)
    assert (x[2:] - columns @ a).std() == pytest.approx(1, abs=0.02)
    for order in (0, 61):
        with pytest.raises(SettingError, match="1 <= order <= 60"):
            data.stable_coefficients(order)


def test_sets_for_generative_models():
    numbers = data.real_numbers(20000)
    assert (numbers.mean(), numbers.std()) == (pytest.approx(4, abs=0.02), pytest.approx(0.5, abs=0.02))
    assert np.hypot(*data.ring_points(2000).T).mean() == pytest.approx(1, abs=0.01)


def test_the_dam_stand_in():
    parts = data.dam_water()
    assert {name: (x.shape, y.shape) for name, (x, y) in parts.items()} == {
        "train": ((12, 1), (12,)),
        "validation": ((21, 1), (21,)),
        "test": ((21, 1), (21,)),
    }
    assert all((y >= 0).all() and np.abs(x).max() <= 50 for x, y in parts.values())
