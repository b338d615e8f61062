"""What a parity case yields, and how errors are measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from xdl.kernels.cuda.launch import Device

TOLERANCES = {"float32": 2e-6, "float64": 1e-13}
TF32_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison. It holds where error <= tolerance."""

    name: str
    error: float
    tolerance: float


class Case(Protocol):
    """Runs kernels on a device and yields a Check per result. small: shapes for the sanitizers."""

    def __call__(self, device: Device, real: str, small: bool) -> Iterator[Check]: ...


def random(shape: tuple[int, ...], real: str, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Standard normal numbers times scale."""
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype(real)


def close(name: str, device: Device, got: Any, expected: np.ndarray, tolerance: float) -> Check:
    """Largest error over largest reference value. A wrong shape, and a NaN where the reference has none or the other
    way round, is an infinite error."""
    result = np.asarray(device.to_host(got), np.float64)
    if result.shape != expected.shape:
        return Check(f"{name}: shape {result.shape} for {expected.shape}", np.inf, tolerance)
    lost = np.isnan(expected)
    if (np.isnan(result) != lost).any():
        return Check(f"{name}: a NaN that is in one of them", np.inf, tolerance)
    scale = max(float(np.abs(expected[~lost]).max(initial=0.0)), 1e-30)
    error = float(np.abs(result - expected)[~lost].max(initial=0.0)) / scale
    return Check(name, error if np.isfinite(error) else np.inf, tolerance)


def exact(name: str, device: Device, got: Any, expected: np.ndarray) -> Check:
    """Counts the elements that differ in any bit."""
    result = device.to_host(got)
    if result.shape != expected.shape or result.dtype != expected.dtype:
        return Check(f"{name}: {result.dtype}{result.shape} for {expected.dtype}{expected.shape}", np.inf, 0.0)
    return Check(name, float(np.count_nonzero(_bits(result) != _bits(expected))), 0.0)


def _bits(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x).view(f"u{x.dtype.itemsize}")
