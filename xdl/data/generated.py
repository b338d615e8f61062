"""Data that are made, not read: the sets that the books draw by chance. Every function takes a seed.

Points have shape (N, D) float32, class labels (N,) int64; a series has shape (N,) float32.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from xdl import backend, random
from xdl.data.sampler import positive
from xdl.errors import SettingError, expect

NORMAL = (1.0, -2.0, 1.5)  # of the plane between the separable points; it goes through the origin


def separable_points(samples: int = 200, seed: int = 0) -> tuple[Any, Any]:
    """Points (N, 3) in a cube on the two sides of a plane, with a gap between, and labels 0 and 1 (徐彬 1.2)."""
    stream = random.Stream(seed, "separable_points")
    normal = np.array(NORMAL) / np.linalg.norm(NORMAL)
    points = _uniform(stream, samples, 3) * 2 - 1
    side = points @ normal
    points += np.where(side > 0, 0.1, -0.1)[:, None] * normal
    return points.astype(np.float32), (side > 0).astype(np.int64)


def xor() -> tuple[Any, Any]:
    """The four corners (4, 2) of the unit square, and whether exactly one coordinate is 1 (徐彬 3.1)."""
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    return points, np.array([0, 1, 1, 0], dtype=np.int64)


def gaussian_clouds(samples: int = 200, distance: float = 2.0, seed: int = 0) -> tuple[Any, Any]:
    """Two clouds (N, 2) of std 1 around (-d, -d) / 2 and (d, d) / 2, and labels 0 and 1 (hwdong 3.5.1)."""
    labels = np.arange(samples) % 2
    centres = (labels[:, None] - 0.5) * distance
    points = centres + _normal(random.Stream(seed, "gaussian_clouds"), samples, 2)
    return points.astype(np.float32), labels.astype(np.int64)


def spiral(samples: int = 100, classes: int = 3, noise: float = 0.2, seed: int = 0) -> tuple[Any, Any]:
    """Arms that wind about the origin, one a class, `samples` points each: (classes samples, 2) (hwdong 3.6.1).

    At radius r in [0, 1] the arm of class k lies at the angle 4 (k + r) + noise times a normal number.
    """
    radius = np.tile(np.linspace(0, 1, samples), classes)
    labels = np.repeat(np.arange(classes), samples)
    angle = 4 * (labels + radius) + noise * _normal(random.Stream(seed, "spiral"), samples * classes)
    points = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return points.astype(np.float32), labels.astype(np.int64)


def noisy_sine(samples: int = 10, noise: float = 0.3, seed: int = 0) -> tuple[Any, Any]:
    """x (N, 1) evenly in [0, 1], and y = sin(2 pi x) with normal noise (hwdong 3.3.1)."""
    x = np.linspace(0, 1, samples)
    return _pair(x, np.sin(2 * np.pi * x) + noise * _normal(random.Stream(seed, "noisy_sine"), samples))


def wavy_line(samples: int = 20, noise: float = 1.0, seed: int = 0) -> tuple[Any, Any]:
    """x (N, 1) by chance in [0, 5], and y = x + 2 sin(1.5 x) with normal noise (hwdong 3.3.4)."""
    stream = random.Stream(seed, "wavy_line")
    x = np.sort(5 * _uniform(stream, samples))
    return _pair(x, x + 2 * np.sin(1.5 * x) + noise * _normal(stream, samples))


def plane(samples: int = 100, noise: float = 0.5, seed: int = 0) -> tuple[Any, Any]:
    """Points (N, 2) by chance in [-5, 5], and z = 3 x + 2 y + 5 with normal noise (hwdong 3.1.9)."""
    stream = random.Stream(seed, "plane")
    points = 10 * _uniform(stream, samples, 2) - 5
    z = points @ np.array([3.0, 2.0]) + 5 + noise * _normal(stream, samples)
    return points.astype(np.float32), z.astype(np.float32)


def stable_coefficients(order: int, seed: int = 0) -> Any:
    """Coefficients (order,) of an autoregression that stays bounded: its characteristic roots lie within 0.95.

    Raises SettingError for an order out of [1, 60]: of more roots, rounding the coefficients moves some beyond 1.
    """
    if not 1 <= order <= 60:
        raise SettingError("stable_coefficients", "1 <= order <= 60", order)
    stream = random.Stream(seed, "stable_coefficients")
    pairs, single = divmod(order, 2)
    radius, angle = 0.5 + 0.45 * _uniform(stream, pairs), np.pi * _uniform(stream, pairs)
    roots = np.concatenate([radius * np.exp(1j * angle), radius * np.exp(-1j * angle), 0.9 * _uniform(stream, single)])
    return -np.real(np.poly(roots))[1:]


def autoregression(samples: int, coefficients: Any, noise: float = 1.0, seed: int = 0) -> Any:
    """x_t = sum_i coefficients[i] x_(t-1-i) + noise times a normal number, after 200 steps (hwdong 7.1.4).

    Raises SettingError for samples below 1, for coefficients that are no list (k,) of finite numbers or let the series
    grow beyond them, and for a noise below 0.
    """
    name, a = "autoregression", np.asarray(coefficients, dtype=np.float64)
    positive(name, samples, "samples")
    expect(a.ndim == 1 and bool(np.isfinite(a).all()), SettingError, name, "finite coefficients (k,)", a)
    expect(isfinite(noise) and noise >= 0, SettingError, name, "noise >= 0", noise)
    shocks = noise * _normal(random.Stream(seed, "autoregression"), samples + 200)
    x = np.zeros(len(a) + len(shocks))
    with np.errstate(over="ignore", invalid="ignore"):
        for t, shock in enumerate(shocks, len(a)):
            x[t] = a @ x[t - len(a) : t][::-1] + shock
        series = x[-samples:].astype(np.float32)
    expect(bool(np.isfinite(series).all()), SettingError, name, "coefficients of a series that stays finite", a)
    return series


def sine_mix(samples: int = 1000, noise: float = 0.0, seed: int = 0) -> Any:
    """x_t = sin(0.1 t) + cos(0.2 t) with normal noise, t = 0, 1, ... (hwdong 7.1.5)."""
    t = np.arange(positive("sine_mix", samples, "samples"))
    waves = np.sin(0.1 * t) + np.cos(0.2 * t)
    return (waves + noise * _normal(random.Stream(seed, "sine_mix"), samples)).astype(np.float32)


def noisy_curve(samples: int = 10000, noise: float = 0.1, seed: int = 0, pace: float = 1.0) -> Any:
    """Waves of several lengths with normal noise, for forecasts of the next steps (after 徐彬 7.7).

    pace: with 0.1 the waves are ten times as long
    """
    t = pace * np.arange(positive("noisy_curve", samples, "samples"))
    waves = np.sin(0.05 * t) + 0.5 * np.cos(0.13 * t) + 0.3 * np.sin(0.31 * t)
    return (waves + noise * _normal(random.Stream(seed, "noisy_curve"), samples)).astype(np.float32)


def ring_points(samples: int = 500, noise: float = 0.05, seed: int = 0) -> Any:
    """Points (N, 2) near the circle of radius 1: a set for generative models (hwdong 8.5.2)."""
    stream = random.Stream(seed, "ring_points")
    angle = 2 * np.pi * _uniform(stream, samples)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (circle + noise * _normal(stream, samples, 2)).astype(np.float32)


def real_numbers(samples: int = 1000, mean: float = 4.0, std: float = 0.5, seed: int = 0) -> Any:
    """Normal numbers (N,): a set for generative models (hwdong 8.5.1)."""
    return (mean + std * _normal(random.Stream(seed, "real_numbers"), samples)).astype(np.float32)


def dam_water(seed: int = 0) -> dict[str, tuple[Any, Any]]:
    """A stand-in for hwdong's dam data (3.2.1), which are not available: 12 training, 21 validation and 21 test points.

    {"train", "validation", "test"}: water level x (N, 1) in [-50, 50], and outflow y >= 0, which bends upwards.
    """
    stream = random.Stream(seed, "dam_water")
    parts = {}
    for name, samples in (("train", 12), ("validation", 21), ("test", 21)):
        x = np.sort(100 * _uniform(stream, samples) - 50)
        parts[name] = _pair(x, np.maximum(0, 5 + 0.3 * x + 0.006 * x**2 + 1.5 * _normal(stream, samples)))
    return parts


def _pair(x: Any, y: Any) -> tuple[Any, Any]:
    return x[:, None].astype(np.float32), y.astype(np.float32)


def _uniform(stream: random.Stream, *shape: int) -> Any:
    backend.load("numpy")
    return stream.uniform(shape, "float64", np.empty(0, np.uint64))


def _normal(stream: random.Stream, *shape: int) -> Any:
    backend.load("numpy")
    return stream.normal(shape, "float64", np.empty(0, np.uint64))
