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
from ..sharing import counted, over, over_counted
from ..team import PIECES
from .patches import LIST, MULTIPLY, TABLE, filters, image_rows
from .plan import ranges

TILE, GAP = 4, 16  # outputs of a tile along a side, and numbers between tiles, and points of filters
ROOM, FEW, MANY = 1 << 18, 12, 96  # numbers of a block's transforms, which stay in the cache, and tiles of a block
SMALL = 24  # tiles of a block at least, where filters are read again for each
PARTS, FEWEST = 8, 128  # of a gradient of filters at most, and tiles of one at least
STRIP, BACK = 128, 16  # channels of a strip of gradients of filters, and of one that is transformed back at a time
VECTOR = 64  # bytes
TRANSFORM = 30  # multiplications that take as long as a number's way into a transform or out of it

convolve = Compiled(
    "conv.winograd.convolve.convolve",
    f"{LIST} | T[:, :, ::1], T[:, ::1], int64, T[::1], {LIST}, int64, int64, T[:, :, ::1], T",
)
convolve_panels = Compiled(
    "conv.winograd.convolve.convolve_panels",
    f"{LIST} | T[:, ::1], T[:, :, :], boolean, int64, T[::1], {LIST}, int64, int64, T[:, :, ::1], T",
)
transform_some = Compiled("conv.winograd.tiles.transform_some", f"{LIST}, T[:, ::1] | T[:, :, ::1], {LIST}, int64")
add_filters = Compiled(
    "conv.winograd.convolve.add_filters",
    f"{TABLE} | T[:, :, ::1], T[:, :, ::1], {LIST}, int64, int64, int64, int64, T[:, :, ::1]",
)
transform_filters = Compiled(
    "conv.winograd.filters.transform_filters", f"{LIST} | T[:, :, :], int64, boolean, int64, T[:, ::1]"
)
transform_back = Compiled(
    "conv.winograd.filters.transform_back", f"{TABLE} | T[:, :, :, ::1], int64, int64, T[:, :, ::1]"
)
LOOPS = {
    "forward": (convolve, transform_filters, convolve_panels, transform_some),
    "input_grad": (convolve, transform_filters, convolve_panels, transform_some),
    "weight_grad": (add_filters, transform_back),
}


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry, slope: float = 1.0) -> np.ndarray:
    """f(y) (N, O, OH, OW) in channels-last memory. slope: of f where y < 0."""
    (_, _, r, _), output = w.shape, output_size(x.shape[2:], w.shape[2:], geometry)
    return _convolve(x, filters(w), r, False, b, output, geometry.padding, slope)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory: g convolved with the filters turned by half a circle."""
    (_, _, r, _), (ph, pw) = w.shape, geometry.padding
    padding = r - 1 - ph, r - 1 - pw
    return _convolve(g, filters(w).swapaxes(0, 1), r, True, None, (shape[2], shape[3]), padding, 1.0)


def _convolve(
    x: np.ndarray,
    w: np.ndarray,
    r: int,
    turned: bool,
    b: np.ndarray | None,
    output: tuple[int, int],
    padding: tuple[int, int],
    slope: float,
) -> np.ndarray:
    """f(y), y (N, M, OH, OW) of x (N, K, H, W) and w (M, K, R R), turned by half a circle or not."""
    (m, k, _), n, dtype = w.shape, len(x), x.dtype
    panels, columns = _panels(m, w.itemsize)
    tiles, count = _tiles(output, padding, k, r, n)
    bias, y = np.zeros(panels * columns, dtype), empty((n, *output, m), dtype)
    if b is not None:
        bias[:m] = b
    by_way = _by_panels if count <= m else _by_blocks
    by_way(image_rows(x), w, turned, bias, tiles, count, y.reshape(n, output[0], -1), slope)
    return y.transpose(0, 3, 1, 2)


def _by_blocks(
    x: np.ndarray,
    w: np.ndarray,
    turned: bool,
    bias: np.ndarray,
    tiles: np.ndarray,
    count: int,
    y: np.ndarray,
    slope: float,
) -> None:
    """Fills y (N, OH, OW M) in blocks of tiles, which meet all filters."""
    (m, k, _), r, dtype = w.shape, int(tiles[-1]), w.dtype
    (panels, columns), full, points = _panels(m, w.itemsize), _filled(k, w.itemsize), (r + TILE - 1) ** 2
    u = empty((points, panels * k * columns + GAP), dtype)
    over_counted(transform_filters[dtype], TRANSFORM * MULTIPLY * u.size, panels, w, r, turned, columns, u)
    each, cost = _block(count, points * (full + len(bias)), get_num_threads()), _cost(count, points, k, m)
    over_counted(convolve[dtype], cost, -(-count // each), x, u, columns, bias, tiles, each, m, y, slope)


def _by_panels(
    x: np.ndarray,
    w: np.ndarray,
    turned: bool,
    bias: np.ndarray,
    tiles: np.ndarray,
    count: int,
    y: np.ndarray,
    slope: float,
) -> None:
    """Fills y (N, OH, OW M) panel by panel of filters, which meet all tiles: there are fewer of these."""
    (m, k, _), r, dtype = w.shape, int(tiles[-1]), w.dtype
    (panels, columns), full, points = _panels(m, w.itemsize), _filled(k, w.itemsize), (r + TILE - 1) ** 2
    v, each = empty((count, points * full + GAP), dtype), _block(count, points * columns)
    over(transform_some[dtype], TRANSFORM * MULTIPLY * v[0].size, [counted(count), v], x, tiles, full)
    cost = _cost(count, points, k, m) + TRANSFORM * MULTIPLY * points * k * m
    over_counted(convolve_panels[dtype], cost, panels, v, w, turned, columns, bias, tiles, each, m, y, slope)


def _panels(m: int, size: int) -> tuple[int, int]:
    """How many panels m filters have, and the columns of each: two vectors, or one where less is empty."""
    lanes = VECTOR // size
    columns = 2 * lanes if -m % (2 * lanes) < lanes else lanes
    return -(-m // columns), columns


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, R, R) = shape, in strips of channels and filters, summed in parts: the shapes alone say how many."""
    (o, c, r, _), (n, _, oh, ow), dtype, size = shape, g.shape, g.dtype, g.itemsize
    tiles, count = _tiles((oh, ow), geometry.padding, c, r, n)
    images, last, points = image_rows(x), image_rows(g), (r + TILE - 1) ** 2
    k, m = _filled(min(c, STRIP), size), _filled(min(o, STRIP), size)
    each = _block(count, points * (k + m))
    jobs, pieces, parts = _jobs(c, o, count, -(-count // each))
    sums, dw = empty((len(jobs), points, k * m + GAP), dtype), empty(tuple(shape), dtype)
    cost = _cost(count, points, c, o) / len(jobs)
    over(add_filters[dtype], cost, [jobs], images, last, tiles, each, k, m, o, sums)
    strips, cost = sums.reshape(-1, parts, *sums.shape[1:]), TRANSFORM * MULTIPLY * sums.size / len(pieces)
    over(transform_back[dtype], cost, [pieces], strips, m, r, dw.reshape(o, c, -1))
    return dw


@lru_cache(maxsize=1024)
def _jobs(c: int, o: int, count: int, blocks: int) -> tuple[np.ndarray, np.ndarray, int]:
    """`jobs` of the sums over so many tiles in blocks, `pieces` of what is transformed back, and parts of each sum."""
    strips = [(first, depth, column, width) for first, depth in _strips(c) for column, width in _strips(o)]
    parts = ranges(blocks, max(1, min(PARTS // len(strips), count // FEWEST, blocks)))
    jobs = [(*strip, *ends) for strip in strips for ends in parts]
    starts = [(i, low) for i, strip in enumerate(strips) for low in range(0, strip[1], BACK)]
    pieces = [(i, *strips[i], low, min(low + BACK, strips[i][1])) for i, low in starts]
    return np.array([(i, *job) for i, job in enumerate(jobs)]), np.array(pieces), len(parts)


def _strips(c: int) -> list[tuple[int, int]]:
    """The first channel of each strip, and how many it has."""
    return [(low, min(STRIP, c - low)) for low in range(0, c, STRIP)]


def _block(count: int, numbers: int, threads: int = 1) -> int:
    """How many of so many tiles a block has, for the numbers that a tile takes; each thread has as many blocks, and
    as many jobs where blocks do not become small by that.
    """
    most = max(FEW, min(MANY, ROOM // numbers))
    for parts in (threads * PIECES, threads):
        each = -(-count // (-(-count // (most * parts)) * parts))
        if each >= SMALL:
            break
    return each


@lru_cache(maxsize=1024)
def _tiles(output: tuple[int, int], padding: tuple[int, int], c: int, r: int, n: int) -> tuple[np.ndarray, int]:
    """`tiles` of the loops, and how many there are of n images."""
    down, across = (-(-size // TILE) for size in output)
    return np.array([down, across, *padding, c, r], np.int64), n * down * across


def _cost(count: int, points: int, c: int, o: int) -> float:
    """Nanoseconds for so many tiles."""
    return MULTIPLY * count * points * (c * o + TRANSFORM * (c + o))


def _filled(c: int, size: int) -> int:
    """The channels that fill up the last vector."""
    lanes = VECTOR // size
    return -(-c // lanes) * lanes
