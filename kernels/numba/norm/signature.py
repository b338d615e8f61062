"""The arguments of loops over rows of images, in the order that both layouts share.

loop(x, ..., y, mu, a, ..., slope)

rows      x and others that are read, what is filled, and of pixels the sums
channels  a number for each row of planes, for each column of pixels; of planes the sums, too
numbers   the same for all
"""

from __future__ import annotations

import numpy as np

from ..compiled import Compiled

ROWS, CHANNELS, NUMBER = "T[:, ::1]", "T[::1]", "T"
COST = 0.13  # nanoseconds an element of each array


def of_planes(place: str, rows: int, channels: int, numbers: int = 0) -> Compiled:
    """A loop over planes with so many arguments of each kind."""
    return Compiled(place, f"{_list(ROWS, rows)}, {_list(CHANNELS, channels)} | {_list(NUMBER, numbers)}")


def of_pixels(place: str, rows: int, sums: int, channels: int, numbers: int = 0) -> Compiled:
    """The same over pixels; sums: rows that each part of the pixels has its own of."""
    more = _list(CHANNELS, channels), _list(NUMBER, numbers)
    return Compiled(place, f"{_list(ROWS, rows)} | {_list(ROWS, sums)} | {', '.join(filter(None, more))}")


def _list(kind: str, count: int) -> str:
    return ", ".join([kind] * count)


def repeated(numbers: np.ndarray, times: int) -> np.ndarray:
    """The numbers (C,) one after the other so many times; `np.tile` takes ten times as long where they are few."""
    if times == 1:
        return numbers
    rows = np.empty((times, len(numbers)), numbers.dtype)
    rows[...] = numbers
    return rows.reshape(-1)
