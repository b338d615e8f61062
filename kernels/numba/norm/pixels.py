"""Images in channels-last memory: x (N, C, M) as rows of the channels of some pixels, `fold` of them, so that inner
loops are long for few channels too. Each part of the rows has sums of its own, whose number depends on the shape alone.
"""

from __future__ import annotations

import numpy as np

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import in_parts, over, plain

moments = Compiled("batch_norm.pixel_moments", "T[:, ::1], T[:, ::1], T[::1]")
line = Compiled("batch_norm.pixel_line", "T[:, ::1], T[:, ::1], T[::1], T[::1], T[::1]")
slopes = Compiled("batch_norm.pixel_slopes", "T[:, ::1], T[:, ::1], T[:, ::1], T[::1]")
gradient = Compiled("batch_norm.pixel_gradient", f"T[:, ::1], T[:, ::1], T[:, ::1]{', T[::1]' * 4}")
LOOPS = moments, line, slopes, gradient
READ, WRITE = 0.15, 0.25  # nanoseconds an element
WIDTH = 1024  # numbers of a row, at most, unless C is larger
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

    def mean_and_variance(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of each channel, from sums of x - near with the mean of the first pixels as near."""
        first = rows[:SOME].reshape(-1, self.c)
        near = np.add.reduce(first) / rows.dtype.type(len(first))
        near[~np.isfinite(near)] = 0  # or an infinite mean would be nan
        sums = in_parts(moments[rows.dtype], self._cost(READ), [rows], 2, self._wide(near))
        d, square = self._folded(sums) / rows.dtype.type(self.count)
        return near + d, np.maximum(square - d * d, 0)

    def line(self, rows: np.ndarray, mu: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """a (x - mu) + b."""
        y = empty(rows.shape, rows.dtype)
        over(line[y.dtype], self._cost(WRITE), [rows, y], *map(self._wide, (mu, a, b)))
        return self._tensor(y)

    def slopes(self, rows: np.ndarray, g: np.ndarray, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The sums over channels of g and of g (x - mu)."""
        sums = in_parts(slopes[rows.dtype], self._cost(WRITE), [rows, g], 2, self._wide(mu))
        total, along = self._folded(sums)
        return total, along

    def gradient(self, rows: np.ndarray, g: np.ndarray, mu: np.ndarray, *numbers: np.ndarray) -> np.ndarray:
        """a g + k (x - mu) + o; numbers: a, k and o."""
        dx = empty(rows.shape, rows.dtype)
        over(gradient[dx.dtype], self._cost(READ + WRITE), [rows, g, dx], *map(self._wide, (mu, *numbers)))
        return self._tensor(dx)

    def _cost(self, element: float) -> float:
        """Nanoseconds of a row."""
        return self.c * self.fold * element

    def _tensor(self, rows: np.ndarray) -> np.ndarray:
        """(N, C, M) over the memory of rows."""
        n, c, m = self.shape
        return rows.reshape(n, m, c).transpose(0, 2, 1)

    def _wide(self, channels: np.ndarray) -> np.ndarray:
        """A number of each channel, for a row."""
        return np.tile(channels, self.fold)

    def _folded(self, sums: np.ndarray) -> np.ndarray:
        """Sums (2, D) of rows as those of channels, (2, C)."""
        total: np.ndarray = sums.reshape(2, self.fold, self.c).sum(1)
        return total
