"""Winograd's convolution with 3x3 and 5x5 filters by steps of one, from padding to output in one call of each part.

The products are taken in tiles of 4 x 4 outputs: 4 times fewer than the definition has with 3x3, 6.25 times with 5x5.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size
from xdl.threads import get_num_threads

from ...common.buffers import empty
from ..compiled import Compiled
from .patches import LIST, image_rows, share
from .plan import ranges

TILE, GAP = 4, 16  # outputs of a tile along a side, and numbers between tiles
ROOM, FEW, MANY = 1 << 18, 12, 96  # numbers of a block's transforms, which stay in the cache, and tiles of a block
PARTS, FEWEST = 8, 128  # of a gradient of filters at most, and tiles of one at least
STRIP, BACK = 128, 16  # channels of a strip of gradients of filters, and of one that is transformed back at a time
TOGETHER, VECTOR = 8, 64  # channels whose taps are copied at a time, and bytes of a vector
TRANSFORM = 30  # multiplications that take as long as a number's way into a transform or out of it

convolve = Compiled(
    "conv.winograd.convolve.convolve",
    f"T[:, :, ::1], T[:, :, :, ::1], T[::1], {LIST}, int64, T[:, :, ::1], T[:, ::1], T[:, ::1], T, int64, int64",
)
add_filters = Compiled(
    "conv.winograd.convolve.add_filters",
    f"T[:, :, ::1], T[:, :, ::1], {LIST}, int64, {LIST}, T[:, :, ::1], T[:, ::1], T[:, ::1], int64, int64",
)
transform_filters = Compiled(
    "conv.winograd.filters.transform_filters", "T[:, :, :], int64, T[::1], T[:, :, :, ::1], int64, int64"
)
transform_back = Compiled(
    "conv.winograd.filters.transform_back", "T[:, :, :, ::1], int64, T[::1], T[:, :, :], int64, int64"
)
LOOPS = {
    "forward": (convolve, transform_filters),
    "input_grad": (convolve, transform_filters),
    "weight_grad": (add_filters, transform_back),
}


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry, slope: float = 1.0) -> np.ndarray:
    """f(y) (N, O, OH, OW) in channels-last memory. slope: of f where y < 0."""
    (o, c, r, _), output = w.shape, output_size(x.shape[2:], w.shape[2:], geometry)
    return _convolve(x, w.reshape(o, c, -1), r, b, output, geometry.padding, slope)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory: g convolved with the filters turned by half a circle."""
    (o, c, r, _), (ph, pw) = w.shape, geometry.padding
    turned = w.reshape(o, c, -1)[:, :, ::-1].swapaxes(0, 1)
    return _convolve(g, turned, r, None, (shape[2], shape[3]), (r - 1 - ph, r - 1 - pw), 1.0)


def _convolve(
    x: np.ndarray,
    w: np.ndarray,
    r: int,
    b: np.ndarray | None,
    output: tuple[int, int],
    padding: tuple[int, int],
    slope: float,
) -> np.ndarray:
    """f(y), y (N, M, OH, OW) of x (N, K, H, W) and w (M, K, R R)."""
    (m, k, _), n, dtype, points = w.shape, len(x), x.dtype, (r + TILE - 1) ** 2
    u = _transformed(w, r)
    width, full = u.shape[1] * u.shape[3], _filled(k, x.itemsize)
    tiles, count = _tiles(output, padding, k, r, n)
    bias, y, rows = np.zeros(width, dtype), empty((n, *output, m), dtype), image_rows(x)
    if b is not None:
        bias[:m] = b
    into, each = y.reshape(n, output[0], -1), _block(count, points * (full + width), get_num_threads())

    def part(low: int, high: int, _: int) -> None:
        v, sums = empty((each, points * full + GAP), dtype), empty((each, points * width + GAP), dtype)
        convolve[dtype](rows, u, bias, tiles, m, into, v, sums, slope, low, high)

    share(part, -(-count // each), _operations(count, points, k, m))
    return y.transpose(0, 3, 1, 2)


def _transformed(w: np.ndarray, r: int) -> np.ndarray:
    """U (a a, P, K, WIDTH) of w (M, K, R R)."""
    (m, k, _), dtype = w.shape, w.dtype
    lanes = VECTOR // w.itemsize
    columns = 2 * lanes if -m % (2 * lanes) < lanes else lanes
    panels = -(-m // columns)
    u = empty(((r + TILE - 1) ** 2, panels, k, columns), dtype)

    def part(low: int, high: int, _: int) -> None:
        transform_filters[dtype](w, r, np.empty(TOGETHER * r * r * columns, dtype), u, low, high)

    share(part, panels, TRANSFORM * u.size)
    return u


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, R, R) = shape, in strips of channels and filters, summed in parts: the shapes alone say how many."""
    (o, c, r, _), (n, _, oh, ow), dtype, size = shape, g.shape, g.dtype, g.itemsize
    tiles, count = _tiles((oh, ow), geometry.padding, c, r, n)
    images, last, points = image_rows(x), image_rows(g), (r + TILE - 1) ** 2
    strips = [(low, end - low, first, stop - first) for low, end in _strips(c) for first, stop in _strips(o)]
    k, m = _filled(min(c, STRIP), size), _filled(min(o, STRIP), size)
    each = _block(count, points * (k + m))
    blocks = -(-count // each)
    parts = ranges(blocks, max(1, min(PARTS // len(strips), count // FEWEST, blocks)))
    sums = empty((len(strips), len(parts), points, k, m), dtype)
    jobs = [(strip, part) for strip in range(len(strips)) for part in range(len(parts))]

    def piece(low: int, high: int, _: int) -> None:
        v, d = empty((each, points * k + GAP), dtype), empty((each, points * m + GAP), dtype)
        for strip, part in jobs[low:high]:
            ends = np.array(strips[strip], np.int64)
            add_filters[dtype](images, last, tiles, o, ends, sums[strip, part], v, d, *parts[part])

    share(piece, len(jobs), _operations(count, points, c, o))
    dw = empty(tuple(shape), dtype)
    taps = dw.reshape(o, c, -1)
    pieces = [(strip, low) for strip, ends in enumerate(strips) for low in range(0, ends[1], BACK)]

    def back(low: int, high: int, _: int) -> None:
        room = np.empty(TOGETHER * r * r * VECTOR // size, dtype)
        for strip, begin in pieces[low:high]:
            first, depth, column, width = strips[strip]
            into = taps[column : column + width, first : first + depth]
            transform_back[dtype](sums[strip], r, room, into, begin, min(begin + BACK, depth))

    share(back, len(pieces), TRANSFORM * sums.size)
    return dw


def _strips(c: int) -> list[tuple[int, int]]:
    """The first channel of each strip, and the one behind its last."""
    return [(low, min(low + STRIP, c)) for low in range(0, c, STRIP)]


def _block(count: int, numbers: int, threads: int = 1) -> int:
    """How many of so many tiles a block has, for the numbers that a tile takes; each thread has as many blocks."""
    most = max(FEW, min(MANY, ROOM // numbers))
    return -(-count // (-(-count // (most * threads)) * threads))


@lru_cache(maxsize=1024)
def _tiles(output: tuple[int, int], padding: tuple[int, int], c: int, r: int, n: int) -> tuple[np.ndarray, int]:
    """`tiles` of the loops, and how many there are of n images."""
    down, across = (-(-size // TILE) for size in output)
    return np.array([down, across, *padding, c, r], np.int64), n * down * across


def _operations(count: int, points: int, c: int, o: int) -> float:
    """Multiplications of so many tiles, and what takes as long."""
    return float(count * points * (c * o + TRANSFORM * (c + o)))


def _filled(c: int, size: int) -> int:
    """The channels that fill up the last vector."""
    lanes = VECTOR // size
    return -(-c // lanes) * lanes
