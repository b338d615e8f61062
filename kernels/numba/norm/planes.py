"""Images whose channels lie one after the other: x (N, C, M) as rows (N C, M), a number of each row for all that is
known of a channel. No sum goes beyond a row, so none depends on how rows are shared out.
"""

from __future__ import annotations

import numpy as np

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import over, plain

moments = Compiled("batch_norm.plane_moments", "T[:, ::1], T[::1], T[::1], T")
line = Compiled("batch_norm.plane_line", "T[:, ::1], T[:, ::1], T[::1], T[::1], T[::1]")
slopes = Compiled("batch_norm.plane_slopes", "T[:, ::1], T[:, ::1], T[::1], T[::1], T[::1]")
gradient = Compiled("batch_norm.plane_gradient", f"T[:, ::1], T[:, ::1], T[:, ::1]{', T[::1]' * 4}")
LOOPS = moments, line, slopes, gradient
READ, WRITE = 0.15, 0.25  # nanoseconds an element


class Planes:
    """Arrays (N, C, M) in C order. What a method is given of channels is (C,)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def rows(self, x: np.ndarray) -> np.ndarray:
        """x as rows."""
        return plain(x).reshape(-1, self.shape[2])

    def mean_and_variance(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of each channel; of its variance a part is within rows, and a part between their means."""
        n, c, m = self.shape
        found = np.empty((2, n * c), rows.dtype)
        over(moments[rows.dtype], m * READ, [rows, *found], 1 / m)
        means, squares = found.reshape(2, n, c)
        mu = means.mean(0)
        return mu, squares.mean(0) / m + np.square(means - mu).mean(0)

    def line(self, rows: np.ndarray, mu: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """a (x - mu) + b."""
        y = empty(self.shape, rows.dtype)
        over(line[y.dtype], self.shape[2] * WRITE, [rows, y.reshape(rows.shape), *map(self._each, (mu, a, b))])
        return y

    def slopes(self, rows: np.ndarray, g: np.ndarray, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The sums over channels of g and of g (x - mu)."""
        n, c, m = self.shape
        found = np.empty((2, n * c), rows.dtype)
        over(slopes[rows.dtype], m * WRITE, [rows, g, self._each(mu), *found])
        total, along = found.reshape(2, n, c).sum(1)
        return total, along

    def gradient(self, rows: np.ndarray, g: np.ndarray, mu: np.ndarray, *numbers: np.ndarray) -> np.ndarray:
        """a g + k (x - mu) + o; numbers: a, k and o."""
        dx = empty(self.shape, rows.dtype)
        arrays = [rows, g, dx.reshape(rows.shape), *map(self._each, (mu, *numbers))]
        over(gradient[dx.dtype], self.shape[2] * (READ + WRITE), arrays)
        return dx

    def _each(self, channels: np.ndarray) -> np.ndarray:
        """A number of each channel for every row."""
        return np.tile(channels, self.shape[0])
