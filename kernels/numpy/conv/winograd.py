"""Winograd convolution for NumPy (Lavin and Gray 2015, "Fast algorithms for convolutional neural networks").

    F(m x m, r x r): m x m outputs from tiles of a x a inputs, a = m + r - 1, that overlap by r - 1
    d tile of x   V = B d B^T   w filter   U = G w G^T   Y = A (sum over the channels of U V) A^T

The sums over the channels are a x a matrix products of all tiles with all filters, with m x m x r x r / a x a times
fewer multiplications than the definition has: 4 for F(4x4, 3x3), 6.25 for F(4x4, 5x5). The gradients are of the same
kind: dx is the convolution of g with the turned filters; dU = sum over the tiles of (A^T g A) V, dw = G^T dU G.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import local
from typing import Any

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size
from xdl.threads import Part, get_num_threads, parallel, serial

from ...common.buffers import empty
from ..layout import Job, channels_first, channels_last, jobs, run
from .winograd_tiles import Frame, Gradients, Inputs, Outputs, Tiles, matrices

BLOCK = 1 << 19  # values of the transformed tiles of one job: they stay in cache
FEW = 1 << 14  # pairs of channels and filters whose dU every thread sums for itself
LARGE = 1 << 18  # values of U from which two threads pay
KEPT = 16  # steps that a thread keeps
CHUNK = 1 << 22  # values of the transformed tiles that a weight gradient holds at a time


def convolve(x: np.ndarray, u: np.ndarray, tiles: Tiles, b: np.ndarray | None) -> np.ndarray:
    """y (N, OH, OW, O) from x (N, H, W, C) and the transformed filters U (a a, C, O)."""
    (_, c, o), n = u.shape, len(x)
    y = empty((n, *tiles.output, o), x.dtype)
    work = tiles.jobs(n, max(c, o), BLOCK)
    size = _largest(tiles, work, max(c, o))

    def steps(frame: Frame) -> tuple[Inputs, Outputs]:
        first, second, _ = _kept.memory(size, x.dtype)
        return Inputs(tiles, frame, c, first, second), Outputs(tiles, frame, o, second, first)

    def part(job: Job, thread: int) -> None:
        inputs, outputs = _kept.get(steps, tiles.frame(job), ("y", tiles.key, c, o, x.dtype))
        inputs.run(x[tiles.inputs(job)])
        np.matmul(inputs.v, u, out=outputs.sums)
        outputs.run(y[tiles.outputs(job)], b)

    run(part, work, tiles.operations(n, c, o))
    return y


def _largest(tiles: Tiles, work: list[Job], channels: int) -> int:
    """How many values the transformed tiles of a job have at most."""
    return tiles.a**2 * tiles.across * channels * max((job.rows for job in work), default=0)


class _Kept(local):
    """Of every thread: memory for the tiles of a job, and the steps over it that it last made, by what they are for."""

    def __init__(self) -> None:
        self.arrays = [np.empty(0, np.float32)] * 3
        self.steps: dict[Any, Any] = {}

    def memory(self, size: int, dtype: np.dtype) -> list[np.ndarray]:
        """Three arrays of at least `size` values."""
        if len(self.arrays[0]) < size or self.arrays[0].dtype != dtype:
            self.arrays = [np.empty(max(size, BLOCK), dtype) for _ in range(3)]
        return self.arrays

    def get(self, make: Callable[[Frame], Any], frame: Frame, key: Any) -> Any:
        """make(frame), or what it returned for this frame and key before."""
        key = (key, frame)
        found = self.steps.pop(key, None)
        if found is None:
            found = make(frame)
            if len(self.steps) == KEPT:
                del self.steps[next(iter(self.steps))]
        self.steps[key] = found
        return found


_kept = _Kept()


def best_size(r: int, output: tuple[int, int]) -> int:
    """m of the F(m x m, r x r) with the fewest multiplications for this output."""
    return min((4, 3, 2), key=lambda m: (m + r - 1) ** 2 * -(-output[0] // m) * -(-output[1] // m))


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in channels-last memory."""
    (o, c, r, _), size = w.shape, (x.shape[2], x.shape[3])
    output = output_size(size, (r, r), geometry)
    m = best_size(r, output)
    u = _filters(w.reshape(o, c, -1).transpose(1, 2, 0), matrices(m, r).gg)
    return channels_first(convolve(channels_last(x), u, Tiles(m, r, geometry.padding, size, output), b))


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory: g convolved with the filters turned by half a circle."""
    (o, c, r, _), size, (ph, pw) = w.shape, (shape[2], shape[3]), geometry.padding
    m = best_size(r, size)
    u = _filters(w.reshape(o, c, -1).transpose(0, 2, 1), matrices(m, r).gg[:, ::-1])
    tiles = Tiles(m, r, (r - 1 - ph, r - 1 - pw), (g.shape[2], g.shape[3]), size)
    return channels_first(convolve(channels_last(g), u, tiles, None))


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, r, r) = shape.

    Few filters: every thread sums dU over its own tiles, in cache. Many: dU is too large for that, so all tiles of
    a chunk are transformed first, and the a a products are shared out.
    """
    (o, c, r, _), size, output = shape, (x.shape[2], x.shape[3]), (g.shape[2], g.shape[3])
    tiles = Tiles(best_size(r, output), r, geometry.padding, size, output)
    sums = _sum_by_thread if c * o <= FEW else _sum_by_point
    du = sums(channels_last(g), channels_last(x), tiles)
    dw = empty(shape, g.dtype)
    gg = np.ascontiguousarray(matrices(tiles.m, r).gg.T)

    def part(low: int, high: int, thread: int) -> None:
        taps = np.matmul(gg, du[:, low:high].transpose(1, 0, 2))
        np.copyto(dw[low:high].reshape(-1, c, r * r), taps.transpose(0, 2, 1))

    _by_filter(part, du)
    return dw


def _filters(w: np.ndarray, gg: np.ndarray) -> np.ndarray:
    """U (a a, K, M) of filters w (K, r r, M)."""
    k, _, m = w.shape
    u = empty((len(gg), k, m), w.dtype)

    def part(low: int, high: int, thread: int) -> None:
        np.matmul(gg, np.ascontiguousarray(w[low:high]), out=u[:, low:high].transpose(1, 0, 2))

    _by_filter(part, u)
    return u


def _by_filter(part: Part, u: np.ndarray) -> None:
    """Shares U (a a, K, .) out by its second axis. BLAS's own threads would be busy waiting afterwards."""
    (serial if u.size < LARGE else parallel)(part, u.shape[1])


def _sum_by_thread(g: np.ndarray, x: np.ndarray, tiles: Tiles) -> np.ndarray:
    """dU (a a, O, C)."""
    (n, *_, c), o, points = x.shape, g.shape[3], tiles.a**2
    work = tiles.jobs(n, max(c, o), BLOCK)
    size = _largest(tiles, work, max(c, o))
    du, product = np.zeros((2, get_num_threads(), points, o, c), g.dtype)

    def steps(frame: Frame) -> tuple[Inputs, Gradients]:
        first, second, between = _kept.memory(size, x.dtype)
        return Inputs(tiles, frame, c, first, between), Gradients(tiles, frame, o, second, between)

    def part(job: Job, thread: int) -> None:
        inputs, gradients = _kept.get(steps, tiles.frame(job), ("sum by thread", tiles.key, c, o, x.dtype))
        inputs.run(x[tiles.inputs(job)])
        gradients.run(g[tiles.outputs(job)])
        np.matmul(gradients.v.transpose(0, 2, 1), inputs.v, out=product[thread])
        np.add(du[thread], product[thread], out=du[thread])

    run(part, work, tiles.operations(n, c, o))
    total: np.ndarray = np.add.reduce(du, axis=0)
    return total


def _sum_by_point(g: np.ndarray, x: np.ndarray, tiles: Tiles) -> np.ndarray:
    """dU (a a, O, C)."""
    (n, *_, c), o, points = x.shape, g.shape[3], tiles.a**2
    du = np.zeros((points, o, c), g.dtype)
    chunks = [(chunk, _pieces(chunk, tiles, max(c, o))) for chunk in tiles.jobs(n, c + o, CHUNK)]
    size = _largest(tiles, [job for _, pieces in chunks for job, _ in pieces], max(c, o))

    def steps(frame: Frame) -> tuple[Inputs, Gradients]:
        into, between, _ = _kept.memory(size, x.dtype)
        return Inputs(tiles, frame, c, into, between), Gradients(tiles, frame, o, into, between)

    for chunk, pieces in chunks:
        count = chunk.rows * tiles.across
        v, dm = empty((points, count, c), x.dtype), empty((points, count, o), g.dtype)

        def transform(item: tuple[Job, slice], thread: int, v: np.ndarray = v, dm: np.ndarray = dm) -> None:
            job, places = item
            inputs, gradients = _kept.get(steps, tiles.frame(job), ("sum by point", tiles.key, c, o, x.dtype))
            inputs.run(x[tiles.inputs(job)], v[:, places])
            gradients.run(g[tiles.outputs(job)], dm[:, places])

        def multiply(point: int, thread: int, v: np.ndarray = v, dm: np.ndarray = dm) -> None:
            du[point] += dm[point].T @ v[point]

        operations = tiles.operations(n, c, o) * chunk.rows / (n * tiles.rows)
        run(transform, pieces, operations)
        run(multiply, list(range(points)), operations)
    return du


def _pieces(chunk: Job, tiles: Tiles, channels: int) -> list[tuple[Job, slice]]:
    """The jobs of a chunk that stay in cache, each with its places among the chunk's tiles."""
    pieces, end = [], 0
    for job in jobs(*chunk.shape, tiles.a**2 * tiles.across * channels, BLOCK):
        start, end = end, end + job.rows * tiles.across
        piece = Job(chunk.first + job.first, chunk.first + job.last, chunk.low + job.low, chunk.low + job.high)
        pieces.append((piece, slice(start, end)))
    return pieces
