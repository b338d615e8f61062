"""A level that stays for a while, seen through noise: the longer the memory, the better it is known."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from xdl import backend, random
from xdl.data.sampler import positive
from xdl.errors import SettingError, expect


def noisy_levels(samples: int, stay: float = 200.0, noise: float = 1.0, seed: int = 0) -> Any:
    """x_t = m_t + noise times a normal number (N,), float32; m_t is normal of variance 1, and stays `stay` steps.

    stay: the mean of its lengths: at each step it is drawn anew with probability 1 / stay

    Who has seen k values of one level knows it, at best, up to a variance of 1 / (1 + k / noise**2). Raises
    SettingError for no samples, for a stay below 1, and for a noise below 0.
    """
    positive("noisy_levels", samples, "samples")
    expect(isfinite(noise) and noise >= 0, SettingError, "noisy_levels", "noise >= 0", noise)
    expect(stay >= 1, SettingError, "noisy_levels", "stay >= 1", stay)
    backend.load("numpy")
    stream, like = random.Stream(seed, "noisy_levels"), np.empty(0, np.uint64)
    changes = stream.uniform((samples,), "float64", like) < 1 / stay
    levels = stream.normal((samples,), "float64", like)
    m = levels[np.maximum.accumulate(np.where(changes, np.arange(samples), 0))]
    return (m + noise * stream.normal((samples,), "float64", like)).astype(np.float32)
