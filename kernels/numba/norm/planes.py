"""Images whose channels lie one after the other: x (N, C, M) as rows (N C, M), a number of each row for all that is
known of a channel; with the images last in memory as rows (C, M N). No sum goes beyond a row, so none depends on how
rows are shared out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...common.buffers import empty
from ..sharing import over, plain
from .signature import COST, of_planes, repeated

IMAGES_FIRST, IMAGES_LAST = (0, 1, 2), (1, 2, 0)  # dimensions in the order of memory
LOOPS = {
    "moments": of_planes("batch_norm.plane_moments", 1, 2, 1),
    "line": of_planes("batch_norm.plane_line", 2, 3),
    "slopes": of_planes("batch_norm.plane_slopes", 2, 3),
    "gradient": of_planes("batch_norm.plane_gradient", 3, 4),
    "ramp": of_planes("batch_norm_ramp.plane_ramp", 2, 3, 1),
    "ramp_slopes": of_planes("batch_norm_ramp.plane_ramp_slopes", 2, 5, 1),
    "ramp_gradient": of_planes("batch_norm_ramp.plane_ramp_gradient", 3, 5, 1),
    "sum": of_planes("batch_norm_ramp.plane_sum", 3, 3),
    "sum_slopes": of_planes("batch_norm_ramp.plane_sum_slopes", 4, 3),
}


class Planes:
    """Arrays (N, C, M) in memory of an order. What a method is given of channels is (C,)."""

    def __init__(self, shape: tuple[int, ...], order: tuple[int, ...] = IMAGES_FIRST) -> None:
        self.shape, self.order = shape, order
        n, self.c, m = shape
        self.images, self.m = (n, m) if order == IMAGES_FIRST else (1, m * n)

    def rows(self, x: np.ndarray) -> np.ndarray:
        """x as rows."""
        return plain(x.transpose(self.order)).reshape(-1, self.m)

    def tensor(self, rows: np.ndarray) -> np.ndarray:
        """(N, C, M) over the memory of rows."""
        return rows.reshape([self.shape[i] for i in self.order]).transpose(np.argsort(self.order))

    def mean_and_variance(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of each channel; of its variance a part is within rows, and a part between their means."""
        found = np.empty((2, len(rows)), rows.dtype)
        over(LOOPS["moments"][rows.dtype], self.m * COST, [rows, *found], 1 / self.m)
        means, squares = found.reshape(2, self.images, self.c)
        mu = means.mean(0)
        return mu, squares.mean(0) / self.m + np.square(means - mu).mean(0)

    def fill(self, name: str, read: Sequence[np.ndarray], channels: Sequence[np.ndarray], *numbers: Any) -> np.ndarray:
        """New rows, by the loop of this name."""
        y = empty(read[0].shape, read[0].dtype)
        self._run(name, [*read, y], channels, (), numbers)
        return y

    def sums(
        self, name: str, arrays: Sequence[np.ndarray], channels: Sequence[np.ndarray], *numbers: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        """Two sums over each channel (C,), by the loop of this name."""
        found = np.empty((2, len(arrays[0])), arrays[0].dtype)
        self._run(name, arrays, channels, found, numbers)
        total, along = found.reshape(2, self.images, self.c).sum(1)
        return total, along

    def _run(self, name: str, rows: Sequence[np.ndarray], channels: Any, sums: Any, numbers: Any) -> None:
        each = [repeated(of_channels, self.images) for of_channels in channels]
        over(LOOPS[name][rows[0].dtype], len(rows) * self.m * COST, [*rows, *each, *sums], *numbers)
