"""The tiles and transforms of Winograd convolution for NumPy; `winograd.py` has the formulas.

The matrices and their points are those of common/toom_cook.py. A transform of tiles is a stack of products for their
rows and one for their columns, over all channels of many tiles at a time; in a stack no product is so large that
OpenBLAS copies it first.

The steps of a job are objects that hold memory and its views, made once for all jobs of one shape that a thread does:
Python between the calls of NumPy is what two threads wait for.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import NamedTuple

import numpy as np

from ...common import toom_cook
from ...common.buffers import constant, empty
from ..layout import Job, framed, jobs, pixels, runs

Pair = tuple[int, int]


class Matrices(NamedTuple):
    """A (m, a), B (a, a), G (a, r) in one dimension and GG (a a, r r) in two."""

    a: np.ndarray
    b: np.ndarray
    g: np.ndarray
    gg: np.ndarray


@cache
def matrices(m: int, r: int) -> Matrices:
    """The transforms of F(m, r)."""
    a, b, g = toom_cook.matrices(m, r)
    return Matrices(*(constant(np.ascontiguousarray(x, np.float32)) for x in (a, b, g, np.kron(g, g))))


class Frame(NamedTuple):
    """The shape of a job: images, tile rows, rows of its padded input before and up to which x lies, output rows."""

    images: int
    bands: int
    start: int
    stop: int
    rows: int


class Tiles:
    """How an output (N, OH, OW, O) of x (N, H, W, C) with padding (PH, PW) is cut into tiles."""

    def __init__(
        self, m: int, r: int, padding: tuple[int, int], size: tuple[int, int], output: tuple[int, int]
    ) -> None:
        self.m, self.r, self.padding, self.size, self.output = m, r, padding, size, output
        self.a = m + r - 1
        self.key = m, r, padding, size, output
        self.rows, self.across = (-(-length // m) for length in output)

    def jobs(self, images: int, channels: int, budget: int) -> list[Job]:
        """All tile rows of all images, for V of `channels`."""
        return jobs(images, self.rows, self.a**2 * self.across * channels, budget)

    def operations(self, images: int, c: int, o: int) -> float:
        """The multiplications and additions; a value to transform takes as long as about 100 of those in products."""
        return self.a**2 * images * self.rows * self.across * (2.0 * c * o + 100 * (c + o))

    def inputs(self, job: Job) -> tuple[slice, slice]:
        """The images and rows of x that a job reads."""
        low = job.low * self.m - self.padding[0]
        return job.images, slice(max(low, 0), min(low + (job.high - job.low) * self.m + self.r - 1, self.size[0]))

    def outputs(self, job: Job) -> tuple[slice, slice]:
        """The images and rows of y that a job writes."""
        return job.images, slice(job.low * self.m, min(job.high * self.m, self.output[0]))

    def frame(self, job: Job) -> Frame:
        """What the memory of a job depends on."""
        first, (_, read), (_, written) = job.low * self.m - self.padding[0], self.inputs(job), self.outputs(job)
        return Frame(*job.shape, read.start - first, read.stop - first, written.stop - written.start)


def memory(shape: tuple[int, ...], of: np.ndarray) -> np.ndarray:
    """The beginning of a flat array in this shape."""
    return of[: prod(shape)].reshape(shape)


class Transform:
    """matrix x matrix^T (to to, n) of tiles x (size, size, n): rows first, by way of the array `between`."""

    def __init__(self, matrix: np.ndarray, x: np.ndarray, between: np.ndarray) -> None:
        size = len(x)
        self.matrix, self.x = matrix, x.reshape(size, size, -1).swapaxes(0, 1)
        self.between = memory((len(matrix), size, self.x.shape[2]), between)
        self.rows = self.between.swapaxes(0, 1)

    def run(self, out: np.ndarray) -> None:
        """Writes out, to to times n values in any shape."""
        to = len(self.matrix)
        np.matmul(self.matrix, self.x, out=self.rows)
        np.matmul(self.matrix, self.between, out=out.reshape(to, to, -1))


class Inputs:
    """V (a a, tiles, C) of jobs of one frame."""

    def __init__(self, tiles: Tiles, frame: Frame, c: int, into: np.ndarray, between: np.ndarray) -> None:
        (_, pw), (_, w), m, a = tiles.padding, tiles.size, tiles.m, tiles.a
        images, bands, start, stop, _ = frame
        padded = empty((images, bands * m + tiles.r - 1, tiles.across * m + tiles.r - 1, c), into.dtype)
        self.inside = framed(padded, slice(start, stop), slice(pw, pw + w))
        image, row, column, _ = padded.strides
        sizes = (a, a, images, bands, tiles.across)
        d = memory((*sizes, c), into)
        self.items, self.cut = pixels(d), runs(padded, c, sizes, (row, column, image, row * m, column * m))
        self.transform = Transform(matrices(m, tiles.r).b, d.reshape(a, a, -1), between)
        self.v = d.reshape(a * a, -1, c)

    def run(self, x: np.ndarray, out: np.ndarray | None = None) -> None:
        """Writes V of the rows x of a job, into `out` in place of `v` if given."""
        np.copyto(self.inside, x)
        np.copyto(self.items, self.cut)
        self.transform.run(self.v if out is None else out)


class Cut:
    """The tiles (m, m, images, tile rows, tiles across) of the outputs (images, rows, OW, O) of a frame's jobs.

    Where they do not fill the tiles, they go by way of `whole`, which has rows and columns of zeros beyond the edges.
    """

    def __init__(self, tiles: Tiles, frame: Frame, o: int, dtype: np.dtype) -> None:
        self.m, self.across = tiles.m, tiles.across
        shape = (frame.images, frame.bands * tiles.m, tiles.across * tiles.m, o)
        self.whole = None
        if shape[1:3] != (frame.rows, tiles.output[1]):
            self.whole = empty(shape, dtype)
            self.whole.fill(0)
            self.inside = self.whole[:, : frame.rows, : tiles.output[1]]

    def of(self, y: np.ndarray) -> np.ndarray:
        """An item holds all channels of a pixel."""
        n, rows = y.shape[:2]
        return pixels(y).reshape(n, rows // self.m, self.m, self.across, self.m).transpose(2, 4, 0, 1, 3)

    def read(self, g: np.ndarray, items: np.ndarray) -> None:
        """Writes the tiles of g to items."""
        if self.whole is not None:
            np.copyto(self.inside, g)
        np.copyto(items, self.of(g if self.whole is None else self.whole))

    def write(self, items: np.ndarray, y: np.ndarray) -> None:
        """Writes items to where they belong in y."""
        np.copyto(self.of(y if self.whole is None else self.whole), items)
        if self.whole is not None:
            np.copyto(y, self.inside)


class Gradients:
    """A^T g A (a a, tiles, O) of jobs of one frame, in `v`."""

    def __init__(self, tiles: Tiles, frame: Frame, o: int, into: np.ndarray, between: np.ndarray) -> None:
        m, a = tiles.m, tiles.a
        count = frame.images * frame.bands * tiles.across
        parts = memory((m, m, frame.images, frame.bands, tiles.across, o), into)
        self.cut, self.items = Cut(tiles, frame, o, into.dtype), pixels(parts)
        self.transform = Transform(matrices(m, tiles.r).a.T, parts.reshape(m, m, -1), between)
        self.v = memory((a * a, count, o), into)

    def run(self, g: np.ndarray, out: np.ndarray | None = None) -> None:
        """Writes those of the rows g of a job, into `out` in place of `v` if given."""
        self.cut.read(g, self.items)
        self.transform.run(self.v if out is None else out)


class Outputs:
    """The outputs of jobs of one frame from their sums over the channels (a a, tiles, O), which are lost."""

    def __init__(self, tiles: Tiles, frame: Frame, o: int, sums: np.ndarray, between: np.ndarray) -> None:
        m = tiles.m
        self.sums = memory((tiles.a**2, frame.images * frame.bands * tiles.across, o), sums)
        self.y = memory((m, m, frame.images, frame.bands, tiles.across, o), sums)
        self.cut, self.items = Cut(tiles, frame, o, sums.dtype), pixels(self.y)
        self.transform = Transform(matrices(m, tiles.r).a, self.sums.reshape(tiles.a, tiles.a, -1), between)

    def run(self, y: np.ndarray, b: np.ndarray | None) -> None:
        """Writes the rows y of a job."""
        self.transform.run(self.y)
        if b is not None:
            np.add(self.y, b, out=self.y)
        self.cut.write(self.items, y)
