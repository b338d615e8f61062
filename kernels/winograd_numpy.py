"""Winograd convolution for NumPy (Lavin and Gray 2015, "Fast algorithms for convolutional neural networks").

    F(m x m, r x r): m x m outputs from tiles of a x a inputs, a = m + r - 1, that overlap by r - 1
    d tile of x   V = B d B^T   w filter   U = G w G^T   Y = A (sum over the channels of U V) A^T

The sums over the channels are a x a matrix products of all tiles with all filters, with m x m r x r / a x a times
fewer multiplications than the definition has: 4 for F(4x4, 3x3). The gradients are of the same kind:
dx is the convolution of g with the turned filters, and dU = sum over the tiles of (A^T g A) V, dw = G^T dU G.

The matrices come from polynomials (Toom and Cook): a - 1 points and infinity, in which products are taken. Points
of small size keep the error small: about 1e-6 for F(2x2, 3x3), 1e-5 for F(4x4, 3x3) in float32.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from xdl.functional.conv import Geometry, output_size
from xdl.threads import get_num_threads, parallel

from .buffers_numpy import empty
from .layout_numpy import Job, channels_first, channels_last, jobs, pixels, run, runs

POINTS = (0, 1, -1, 2, -2, 0.5, -0.5)
BLOCK = 1 << 19  # values of the transformed tiles of one job: they stay in cache
FEW = 1 << 13  # pairs of channels and filters whose dU every thread sums for itself
CHUNK = 1 << 22  # values of the transformed tiles that a weight gradient holds at a time


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
        padded.fill(0)
        padded[:, low - first : high - first, pw : pw + w] = x[job.images, low:high]
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
        rows = empty((to, x.size // size), x.dtype)
        np.matmul(matrix, x.reshape(size, -1), out=rows)
        out = out.reshape(to * to, -1, c)
        np.matmul(matrix, rows.reshape(to, size, -1), out=out.reshape(to, to, -1))
        return out


def convolve(x: np.ndarray, u: np.ndarray, tiles: Tiles, b: np.ndarray | None) -> np.ndarray:
    """y (N, OH, OW, O) from x (N, H, W, C) and the transformed filters U (a a, C, O)."""
    (points, c, o), n = u.shape, len(x)
    y = empty((n, *tiles.output, o), x.dtype)

    def part(job: Job, thread: int) -> None:
        v = tiles.inputs(x, job)
        tiles.outputs(np.matmul(v, u, out=empty((points, v.shape[1], o), x.dtype)), job, y, b)

    run(part, tiles.jobs(n, max(c, o), BLOCK), tiles.operations(n, c, o))
    return y


def best_size(r: int, output: tuple[int, int]) -> int:
    """m of the F(m x m, r x r) with the fewest multiplications for this output."""
    return min((4, 2), key=lambda m: (m + r - 1) ** 2 * -(-output[0] // m) * -(-output[1] // m))


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in channels-last memory."""
    r = w.shape[2]
    output = output_size(x.shape[2:], (r, r), geometry)
    m = best_size(r, output)
    u = _filters(w, matrices(m, r).gg)
    y = convolve(channels_last(x), u.transpose(0, 2, 1), Tiles(m, r, geometry.padding, output), b)
    return channels_first(y)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory: g convolved with the filters turned by half a circle."""
    r = w.shape[2]
    size, (ph, pw) = (shape[2], shape[3]), geometry.padding
    m = best_size(r, size)
    u = _filters(w, matrices(m, r).gg[:, ::-1])
    return channels_first(convolve(channels_last(g), u, Tiles(m, r, (r - 1 - ph, r - 1 - pw), size), None))


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, r, r) = shape.

    Few filters: every thread sums dU over its own tiles, in cache. Many: dU is too large for that, so all tiles of
    a chunk are transformed first, and the a a products are shared out.
    """
    (o, c, r, _), output = shape, (g.shape[2], g.shape[3])
    tiles = Tiles(best_size(r, output), r, geometry.padding, output)
    sums = _sum_by_thread if c * o <= FEW else _sum_by_point
    du = sums(channels_last(g), channels_last(x), tiles)
    dw = empty(shape, g.dtype)

    def part(low: int, high: int, thread: int) -> None:
        rows = du[:, low:high].reshape(tiles.a**2, -1).T
        np.matmul(rows, matrices(tiles.m, r).gg, out=dw[low:high].reshape(-1, r * r))

    parallel(part, o)
    return dw


def _filters(w: np.ndarray, gg: np.ndarray) -> np.ndarray:
    """U (a a, O, C) of w (O, C, r, r), without BLAS's own threads: they would still be busy waiting afterwards."""
    o, c, r, _ = w.shape
    u = empty((len(gg), o, c), w.dtype)

    def part(low: int, high: int, thread: int) -> None:
        rows = w[low:high].reshape(-1, r * r)
        np.matmul(gg, rows.T, out=u[:, low:high].reshape(len(gg), -1))

    parallel(part, o)
    return u


def _sum_by_thread(g: np.ndarray, x: np.ndarray, tiles: Tiles) -> np.ndarray:
    """dU (a a, O, C)."""
    (n, *_, c), o, points = x.shape, g.shape[3], tiles.a**2
    du = np.zeros((get_num_threads(), points, o, c), g.dtype)

    def part(job: Job, thread: int) -> None:
        v = tiles.inputs(x, job)
        dm = tiles.gradients(g, job, empty((points, v.shape[1], o), g.dtype))
        du[thread] += np.matmul(dm.transpose(0, 2, 1), v)

    run(part, tiles.jobs(n, max(c, o), BLOCK), tiles.operations(n, c, o))
    total: np.ndarray = np.add.reduce(du, axis=0)
    return total


def _sum_by_point(g: np.ndarray, x: np.ndarray, tiles: Tiles) -> np.ndarray:
    """dU (a a, O, C)."""
    (n, *_, c), o, points = x.shape, g.shape[3], tiles.a**2
    du = np.zeros((points, o, c), g.dtype)
    for chunk in tiles.jobs(n, c + o, CHUNK):
        count = chunk.rows * tiles.across
        v, dm = empty((points, count, c), x.dtype), empty((points, count, o), g.dtype)

        def transform(item: tuple[Job, slice], thread: int, v: np.ndarray = v, dm: np.ndarray = dm) -> None:
            job, places = item
            tiles.inputs(x, job, v[:, places])
            tiles.gradients(g, job, dm[:, places])

        def multiply(point: int, thread: int, v: np.ndarray = v, dm: np.ndarray = dm) -> None:
            du[point] += dm[point].T @ v[point]

        operations = tiles.operations(n, c, o) * chunk.rows / (n * tiles.rows)
        run(transform, _pieces(chunk, tiles.across), operations)
        run(multiply, list(range(points)), operations)
    return du


def _pieces(chunk: Job, across: int) -> list[tuple[Job, slice]]:
    """The images of a chunk, or the tile rows where it is one image, each with its places among the tiles."""
    first, last, low, high = chunk
    if last - first > 1:
        pieces = [Job(i, i + 1, low, high) for i in range(first, last)]
    else:
        pieces = [Job(first, last, row, row + 1) for row in range(low, high)]
    each = pieces[0].rows * across
    return [(piece, slice(k * each, (k + 1) * each)) for k, piece in enumerate(pieces)]
