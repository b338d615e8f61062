"""The tiles and transforms of Winograd convolution for NumPy; `winograd_numpy.py` has the formulas.

The matrices come from polynomials (Toom and Cook; Lavin and Gray 2015, section 4): a - 1 points and infinity, in which
products are taken. Points of small size keep the error small: about 1e-6 for F(2x2, 3x3) and 1e-5 for F(4x4, 3x3) and
F(4x4, 5x5) in float32. A transform of tiles is a product for their rows and one for their columns, over all channels
of many tiles at a time.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from .buffers_numpy import empty
from .layout_numpy import Job, framed, jobs, pixels, runs

POINTS = (0, 1, -1, 2, -2, 0.5, -0.5)


class Matrices(NamedTuple):
    """A (m, a), B (a, a), G (a, r) in one dimension and GG (a a, r r) in two."""

    a: np.ndarray
    b: np.ndarray
    g: np.ndarray
    gg: np.ndarray


@cache
def matrices(m: int, r: int) -> Matrices:
    """The transforms of F(m, r)."""
    finite = np.array(POINTS[: m + r - 2], np.float64)
    size = len(finite) + 1
    others = [np.delete(finite, i) for i in range(len(finite))]
    a = np.vstack([np.vander(finite, m, increasing=True), np.eye(m)[-1]]).T
    g = np.vstack([np.vander(finite, r, increasing=True), np.eye(r)[-1]])
    g[:-1] /= [[np.prod(x - rest)] for x, rest in zip(finite, others, strict=True)]
    b = np.zeros((size, size))
    for i, rest in enumerate(others):
        b[i, :-1] = np.poly(rest)[::-1]
    b[-1] = np.poly(finite)[::-1]
    return Matrices(*(np.ascontiguousarray(x, np.float32) for x in (a, b, g, np.kron(g, g))))


class Tiles:
    """How an output (N, OH, OW, O) of x (N, H, W, C) with padding (PH, PW) is cut into tiles."""

    def __init__(self, m: int, r: int, padding: tuple[int, int], output: tuple[int, int]) -> None:
        self.m, self.r, self.padding, self.output = m, r, padding, output
        self.a = m + r - 1
        self.rows, self.across = (-(-size // m) for size in output)
        self.whole = (self.rows * m, self.across * m) == output

    def jobs(self, images: int, channels: int, budget: int) -> list[Job]:
        """All tile rows of all images, for V of `channels`."""
        return jobs(images, self.rows, self.a**2 * self.across * channels, budget)

    def operations(self, images: int, c: int, o: int) -> float:
        """The multiplications and additions of the products."""
        return 2.0 * self.a**2 * images * self.rows * self.across * c * o

    def inputs(self, x: np.ndarray, job: Job, out: np.ndarray | None = None) -> np.ndarray:
        """V (a a, tiles, C) of a job, from x (N, H, W, C)."""
        (ph, pw), (_, h, w, c), (n, count) = self.padding, x.shape, job.shape
        first = job.low * self.m - ph  # the row of x where the first tile begins
        low, high = max(first, 0), min(job.high * self.m + self.r - 1 - ph, h)
        padded = empty((n, count * self.m + self.r - 1, self.across * self.m + self.r - 1, c), x.dtype)
        np.copyto(framed(padded, slice(low - first, high - first), slice(pw, pw + w)), x[job.images, low:high])
        image, row, column, _ = padded.strides
        sizes = (self.a, self.a, n, count, self.across)
        d = empty((*sizes, c), x.dtype)
        np.copyto(pixels(d), runs(padded, c, sizes, (row, column, image, row * self.m, column * self.m)))
        return self._transform(matrices(self.m, self.r).b, d, self.a, d if out is None else out, c)

    def gradients(self, g: np.ndarray, job: Job, out: np.ndarray) -> np.ndarray:
        """A^T g A (a a, tiles, O) of a job, from g (N, OH, OW, O)."""
        part, o = g[job.images, job.low * self.m : job.high * self.m], g.shape[3]
        if not self.whole:
            padded = self._whole(job, o, g.dtype)
            padded.fill(0)
            padded[:, : part.shape[1], : part.shape[2]] = part
            part = padded
        cut = self._cut(part)
        tiles = empty((*cut.shape, o), g.dtype)
        np.copyto(pixels(tiles), cut)
        return self._transform(matrices(self.m, self.r).a.T, tiles, self.m, out, o)

    def outputs(self, sums: np.ndarray, job: Job, y: np.ndarray, b: np.ndarray | None) -> None:
        """The outputs of a job, from its sums over the channels (a a, tiles, O), into y (N, OH, OW, O)."""
        o = y.shape[3]
        tiles = empty((self.m**2, sums.shape[1], o), y.dtype)
        self._transform(matrices(self.m, self.r).a, sums, self.a, tiles, o)
        if b is not None:
            np.add(tiles, b, out=tiles)
        into = y[job.images, job.low * self.m : job.high * self.m]
        whole = into if self.whole else self._whole(job, o, y.dtype)
        cut = self._cut(whole)
        np.copyto(cut, pixels(tiles.reshape(*cut.shape, o)))
        if not self.whole:
            np.copyto(into, whole[:, : into.shape[1], : into.shape[2]])

    def _whole(self, job: Job, o: int, dtype: np.dtype) -> np.ndarray:
        """Memory for the outputs of a job with those beyond the edges."""
        n, count = job.shape
        return empty((n, count * self.m, self.across * self.m, o), dtype)

    def _cut(self, y: np.ndarray) -> np.ndarray:
        """The tiles (m, m, images, tile rows, tiles across) of outputs; an item holds all channels of a pixel."""
        n, rows = y.shape[:2]
        return pixels(y).reshape(n, rows // self.m, self.m, self.across, self.m).transpose(2, 4, 0, 1, 3)

    def _transform(self, matrix: np.ndarray, x: np.ndarray, size: int, out: np.ndarray, c: int) -> np.ndarray:
        """matrix x matrix^T (to to, tiles, c) of tiles x (size, size, tiles, c): rows first, then columns."""
        to = len(matrix)
        rows = empty((to, size, x.size // size**2), x.dtype)
        np.matmul(matrix, x.reshape(size, size, -1).swapaxes(0, 1), out=rows.swapaxes(0, 1))
        out = out.reshape(to * to, -1, c)
        np.matmul(matrix, rows, out=out.reshape(to, to, -1))
        return out
