"""Winograd's convolution with 3x3 and 5x5 filters by steps of one, from padding to output in one call of each part.

The products are taken in tiles of 4 x 4 outputs: 4 times fewer than the definition has with 3x3, 6.25 times with 5x5.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import plain
from .patches import LIST, image_rows, share
from .plan import ranges

TILE, GAP = 4, 16  # outputs of a tile along a side, and numbers between tiles
TILES = 48  # of a block
PARTS, FEWEST = 8, 64  # of a gradient of filters at most, and tiles of one at least
SUMS, CHANNELS = 1 << 19, 64  # numbers of sums at a time, and channels of a strip of them
TOGETHER, VECTOR = 8, 64  # channels whose taps are copied at a time, and bytes of a vector
TRANSFORM = 40  # multiplications that take as long as a number's way into a transform or out of it

BLOCKS = f"T[:, :, ::1], T[:, :, :, ::1], T[::1], {LIST}, int64, T[:, :, ::1]"
convolve = Compiled("conv.winograd.convolve.convolve", f"{BLOCKS}, T[:, ::1], T[:, ::1], T, int64, int64")
add_filters = Compiled(
    "conv.winograd.convolve.add_filters",
    f"T[:, :, ::1], T[:, :, ::1], {LIST}, int64, int64, int64, T[:, :, ::1], T[:, ::1], T[:, ::1], int64, int64",
)
transform_filters = Compiled(
    "conv.winograd.filters.transform_filters", "T[:, :, :], int64, T[::1], T[:, :, :, ::1], int64, int64"
)
transform_back = Compiled(
    "conv.winograd.filters.transform_back", "T[:, :, :, ::1], int64, T[::1], T[:, :, ::1], int64, int64, int64"
)
LOOPS = {
    "forward": (convolve, transform_filters),
    "input_grad": (convolve, transform_filters),
    "weight_grad": (add_filters, transform_back),
}


def forward(
    x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry, slope: float = 1.0
) -> np.ndarray:
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
    into = y.reshape(n, output[0], -1)

    def part(low: int, high: int, _: int) -> None:
        each = min(TILES, count)
        v, sums = empty((each, points * full + GAP), dtype), empty((each, points * width + GAP), dtype)
        convolve[dtype](rows, u, bias, tiles, m, into, v, sums, slope, low, high)

    share(part, -(-count // TILES), _operations(count, points, k, m))
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
    """dw (O, C, R, R) = shape, summed in parts whose number depends on the shapes alone."""
    (o, c, r, _), (n, _, oh, ow), dtype = shape, g.shape, g.dtype
    tiles, count = _tiles((oh, ow), geometry.padding, c, r, n)
    images, last = image_rows(x), image_rows(g)
    points, width = (r + TILE - 1) ** 2, _filled(o, g.itemsize)
    strips = _strips(c, points * width)
    blocks, depth = -(-count // TILES), _filled(strips[0][1] - strips[0][0], g.itemsize)
    parts = ranges(blocks, max(1, min(PARTS // len(strips), count // FEWEST)))
    sums = [empty((len(parts), points, _filled(high - low, g.itemsize), width), dtype) for low, high in strips]
    jobs = [(own[k], *strip, *ends) for own, strip in zip(sums, strips, strict=True) for k, ends in enumerate(parts)]

    def piece(low: int, high: int, _: int) -> None:
        each = min(TILES, count)
        v, d = empty((each, points * depth + GAP), dtype), empty((each, points * width + GAP), dtype)
        for du, first, end, *ends in jobs[low:high]:
            du.fill(0)
            full = points * du.shape[1]
            rows = v.reshape(-1)[: each * (full + GAP)].reshape(each, full + GAP)
            add_filters[dtype](images, last, tiles, first, end - first, o, du, rows, d, *ends)

    share(piece, len(jobs), _operations(count, points, c, o))
    dw = empty(tuple(shape), dtype)
    taps = dw.reshape(o, c, -1)

    def back(low: int, high: int, _: int) -> None:
        room = np.empty(TOGETHER * r * r * VECTOR // g.itemsize, dtype)
        for own, (first, end) in zip(sums, strips, strict=True):
            transform_back[dtype](own, r, room, taps, first, max(low, first), min(high, end))

    share(back, c, TRANSFORM * len(parts) * points * c * width)
    return dw


def _strips(c: int, row: int) -> list[tuple[int, int]]:
    """The channels of each strip, of which sums have so many numbers in a row."""
    each = c if c * row <= SUMS else max(VECTOR // 4, CHANNELS)
    return [(low, min(low + each, c)) for low in range(0, c, each)]


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
