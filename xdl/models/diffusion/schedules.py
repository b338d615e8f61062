"""Schedules of the noise: b_t, the share of noise that step t of T adds. a_t = (1 - b_1) ... (1 - b_t) is what is left.

Whatever the schedule, a_T has to be nearly 0, since samples begin with noise alone.
"""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi

from xdl.errors import SettingError, expect

MOST = 0.999  # share of noise in a step


def linear_betas(steps: int, first: float = 1e-4, last: float = 0.02) -> list[float]:
    """(T,): from first to last on a line, where T is 1000 (Ho, Jain, Abbeel 2020).

    With fewer steps both are larger by 1000 / T, so that as much noise is added in all; at most 0.999 a step.
    Raises SettingError for fewer than two steps, and unless 0 < first <= last < 1.
    """
    _check("linear_betas", steps)
    expect(0 < first <= last < 1, SettingError, "linear_betas", "0 < first <= last < 1", (first, last))
    scale = 1000 / steps
    return [min(MOST, scale * (first + (last - first) * t / (steps - 1))) for t in range(steps)]


def cosine_betas(steps: int, offset: float = 0.008) -> list[float]:
    """(T,): such that a_t = f(t) / f(0), f(t) = cos²((t / T + s) / (1 + s) pi / 2), s the offset; at most 0.999 a step.

    It keeps more of the data in the middle than the line does (Nichol and Dhariwal 2021). Raises SettingError.
    """
    _check("cosine_betas", steps)
    expect(0 <= offset < 1, SettingError, "cosine_betas", "0 <= offset < 1", offset)
    left = [cos((t / steps + offset) / (1 + offset) * pi / 2) ** 2 for t in range(steps + 1)]
    return [min(MOST, 1 - after / before) for before, after in pairwise(left)]


def _check(operation: str, steps: int) -> None:
    expect(steps >= 2, SettingError, operation, "at least 2 steps", steps)
