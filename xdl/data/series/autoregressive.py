"""What is known of an autoregression x_t = sum_i a_i x_(t-i) + e_t with e_t normal of std `noise`, a_1 ... a_k:
the best that any forecast of it can do (hwdong 7.1.3, 7.1.4; Box and Jenkins 1970, chapters 3 and 5).
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from xdl.data.collate import host
from xdl.data.sampler import positive
from xdl.errors import SettingError, ShapeError, expect


def characteristic_roots(coefficients: Any) -> np.ndarray:
    """The k complex roots of z**k - a_1 z**(k-1) - ... - a_k. The series stays bounded where all have |z| < 1.

    Raises ShapeError for coefficients that are no list of at least one number, SettingError for nan and infinity.
    """
    roots: np.ndarray = np.roots(np.concatenate([[1.0], -_checked("characteristic_roots", coefficients)]))
    return roots


def impulse_response(coefficients: Any, steps: int) -> np.ndarray:
    """(steps,) what a shock of 1 leaves in the series after 0, 1, ... steps: p_0 = 1, p_j = sum_i a_i p_(j-i).

    Raises SettingError for steps below 1, else as `characteristic_roots`.
    """
    a = _checked("impulse_response", coefficients)
    positive("impulse_response", steps, "steps")
    response = np.zeros(len(a) + steps)
    response[len(a)] = 1
    for j in range(len(a) + 1, len(response)):
        response[j] = a @ response[j - len(a) : j][::-1]
    return response[len(a) :]


def forecast_floor(coefficients: Any, steps: int, noise: float = 1.0) -> np.ndarray:
    """(steps,) the least possible RMSE of a forecast 1, 2, ... steps ahead: noise sqrt(p_0**2 + ... + p_(h-1)**2).

    One step ahead it is the noise; far ahead it is the std of the series. Raises as `impulse_response`, and
    SettingError for a noise below 0.
    """
    expect(isfinite(noise) and noise >= 0, SettingError, "forecast_floor", "noise >= 0", noise)
    floor: np.ndarray = noise * np.sqrt(np.cumsum(impulse_response(coefficients, steps) ** 2))
    return floor


def _checked(operation: str, coefficients: Any) -> np.ndarray:
    a = host(coefficients).astype(np.float64)
    if a.ndim != 1 or not len(a):
        raise ShapeError(operation, "coefficients of shape (k,), k >= 1", a.shape)
    expect(bool(np.isfinite(a).all()), SettingError, operation, "finite coefficients", a)
    return a
