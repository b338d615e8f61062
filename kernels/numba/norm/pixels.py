"""Images in channels-last memory: x (N, C, M) as rows of the channels of some pixels, `fold` of them, so that inner
loops are long for few channels too. Each part of the rows has sums of its own, whose number depends on the shape alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...common.buffers import empty
from ..sharing import in_parts, over, plain
from .signature import COST, of_pixels, repeated

LOOPS = {
    "moments": of_pixels("batch_norm.pixel_moments", 1, 1, 1),
    "line": of_pixels("batch_norm.pixel_line", 2, 0, 3),
    "slopes": of_pixels("batch_norm.pixel_slopes", 2, 1, 1),
    "gradient": of_pixels("batch_norm.pixel_gradient", 3, 0, 4),
    "ramp": of_pixels("batch_norm_ramp.pixel_ramp", 2, 0, 3, 1),
    "ramp_slopes": of_pixels("batch_norm_ramp.pixel_ramp_slopes", 2, 1, 3, 1),
    "ramp_gradient": of_pixels("batch_norm_ramp.pixel_ramp_gradient", 3, 0, 5, 1),
    "sum": of_pixels("batch_norm_ramp.pixel_sum", 3, 0, 3),
    "sum_slopes": of_pixels("batch_norm_ramp.pixel_sum_slopes", 4, 1, 1),
}
WIDTH = 512  # numbers of a row, at most, unless C is larger
SOME = 16  # rows whose mean is near that of all


class Pixels:
    """Arrays (N, C, M) in channels-last memory. What a method is given of channels is (C,)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        n, self.c, m = self.shape = shape
        self.count = n * m
        most = max(1, min(self.count, WIDTH // self.c))
        self.fold = next(fold for fold in range(most, 0, -1) if self.count % fold == 0)

    def rows(self, x: np.ndarray) -> np.ndarray:
        """x as rows."""
        return plain(x.transpose(0, 2, 1)).reshape(-1, self.fold * self.c)

    def tensor(self, rows: np.ndarray) -> np.ndarray:
        """(N, C, M) over the memory of rows."""
        n, c, m = self.shape
        return rows.reshape(n, m, c).transpose(0, 2, 1)

    def mean_and_variance(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of each channel, from sums of x - near with the mean of the first pixels as near."""
        first = rows[:SOME].reshape(-1, self.c)
        near = np.add.reduce(first) / rows.dtype.type(len(first))
        near[~np.isfinite(near)] = 0  # or an infinite mean would be nan
        d, square = np.divide(self.sums("moments", [rows], [near]), rows.dtype.type(self.count))
        return near + d, np.maximum(square - d * d, 0)

    def fill(self, name: str, read: Sequence[np.ndarray], channels: Sequence[np.ndarray], *numbers: Any) -> np.ndarray:
        """New rows, by the loop of this name."""
        y = empty(read[0].shape, read[0].dtype)
        arrays = [*read, y]
        over(LOOPS[name][y.dtype], self._cost(arrays), arrays, *map(self._wide, channels), *numbers)
        return y

    def sums(
        self, name: str, arrays: Sequence[np.ndarray], channels: Sequence[np.ndarray], *numbers: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        """Two sums over each channel (C,), by the loop of this name."""
        loop, wide = LOOPS[name][arrays[0].dtype], map(self._wide, channels)
        found = in_parts(loop, self._cost(arrays), arrays, 2, *wide, *numbers)
        total, along = found.reshape(2, self.fold, self.c).sum(1)
        return total, along

    def _cost(self, arrays: Sequence[np.ndarray]) -> float:
        """Nanoseconds of a row."""
        return len(arrays) * self.c * self.fold * COST

    def _wide(self, channels: np.ndarray) -> np.ndarray:
        """A number of each channel, for a row."""
        return repeated(channels, self.fold)
