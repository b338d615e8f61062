"""Cutout: part of each image is covered (DeVries and Taylor, arXiv 1708.04552, 2017)."""

from __future__ import annotations

import numpy as np

from xdl.data.augment.base import Transform, chance, checked
from xdl.errors import SettingError
from xdl.random import Stream


class RandomErasing(Transform):
    """Covers a square of `size` pixels around a random pixel with probability p; at the border less of it is seen.

    value: what covers it; 0 is the mean of standardized images

    Raises SettingError for size < 1 or p outside [0, 1].
    """

    def __init__(self, size: int, p: float = 1.0, value: float = 0.0) -> None:
        if not isinstance(size, int) or size < 1:
            raise SettingError("RandomErasing", "size >= 1", repr(size))
        self.size, self.p = size, checked("RandomErasing", "p", p, 0, 1)
        self.value = checked("RandomErasing", "value", value, -np.inf)

    def change(self, images: np.ndarray, stream: Stream) -> np.ndarray:
        """The images, partly covered."""
        n, _, height, width = images.shape
        chosen = chance(stream, images, self.p)
        rows, columns = (self._covered(stream, n, length, images) for length in (height, width))
        covered = (rows[:, :, None] & columns[:, None, :] & chosen[:, None, None])[:, None]
        return np.where(covered, np.asarray(self.value, images.dtype), images)

    def _covered(self, stream: Stream, n: int, length: int, like: np.ndarray) -> np.ndarray:
        """For each image which rows or columns the square covers, bool (N, length)."""
        first = stream.integers(0, length, (n, 1), like) - self.size // 2
        places = np.arange(length)
        inside: np.ndarray = (places >= first) & (places < first + self.size)
        return inside
