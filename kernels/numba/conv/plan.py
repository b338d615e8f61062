"""Which numbers of x every pixel meets, as tables for the loops of loops/conv/patches.py.

A forward pass has one grid of pixels. The gradient of x has SH SW: pixels of x that lie SH rows and SW columns apart
meet the same taps of the filters, and for these it is a convolution of g by steps of one.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size

FEWEST, PIXELS, RESULTS, BLOCKS = 48, 768, 1 << 17, 8  # pixels of a block, what it gives at most, how many at least
SOURCE = 3 << 15  # numbers of a block of x with padding at most, which stay in the second cache
SOME, STRIP = 4, 96  # numbers of a strip: a multiple, and at most
SLACK = 16  # numbers behind a copy of x that are read in vain
Pair = tuple[int, int]
Taps = tuple[Pair, ...]  # along one dimension: which tap, and how far from the pixel's place in x it reads


class Grid(NamedTuple):
    """Pixels that meet the same taps: these taps, how many rows and columns of pixels, places of the first one in y."""

    rows: Taps
    columns: Taps
    pixels: Pair
    first: Pair


class Ends(NamedTuple):
    """Along one dimension how much of x a pixel reaches, and how much is missing before x and after it."""

    reach: int
    before: int
    after: int


class Plan:
    """The tables. order: the taps of all grids, as `pack_filters` takes them; k: how many numbers all patches have;
    places: of the pixels of a block in y, after its beginning there.

    Of x (N, H, W, channels), depth of which each group has, by filters of a size; steps from pixel to pixel of y in x,
    and apart in y (N, *y), which has `width` channels in each group. copied: x is, even if nothing is missing.
    """

    def __init__(
        self,
        grids: list[Grid],
        x: tuple[int, int, int, int],
        depth: int,
        width: int,
        kernel: Pair,
        steps: Pair,
        y: tuple[int, int, int],
        apart: Pair,
        copied: bool = False,
    ) -> None:
        (n, h, w, self.channels), self.depth, self.steps = x, depth, steps
        self.apart = np.array(apart, np.int64)
        taps = [i * kernel[1] + j for grid in grids for i, _ in grid.rows for j, _ in grid.columns]
        self.order, self.k = np.array(taps, np.int64), len(taps) * depth
        self.rows, self.columns = _ends(grids, 0, h, steps[0]), _ends(grids, 1, w, steps[1])
        self.in_place = not (copied or any((*self.rows[1:], *self.columns[1:])))
        self.length = (w if self.in_place else self.columns.before + w + self.columns.after) * self.channels
        before = self.columns.before * self.channels
        self.frame = np.array([steps[0], self.rows.before, self.rows.reach, before, self.length], np.int64)
        down, across = (max(grid.pixels[d] for grid in grids) for d in range(2))
        self.images, self.band = self._block(n, down, across, width)
        cuts = [(i, p) for i in range(0, n, self.images) for p in range(0, down, self.band)]
        ends = [(i, min(i + self.images, n), p, min(p + self.band, down)) for i, p in cuts]
        self.blocks, self.pixels = np.array(ends, np.int64), self.images * self.band * across
        self.room = 0 if self.in_place else self.images * self._height(self.band) * self.length + SLACK
        self._write_tables(grids, h)
        self.places = self._places(grids, y, apart)

    def _height(self, band: int) -> int:
        """The rows of x that so many rows of pixels read."""
        return (band - 1) * self.steps[0] + self.rows.reach

    def _block(self, n: int, down: int, across: int, width: int) -> Pair:
        """How many images a block has, and how many rows of pixels of each: of several images all."""
        most = max(FEWEST, min(PIXELS, RESULTS // width, -(-n * down * across // BLOCKS)))
        source = 1 << 62 if self.in_place else SOURCE
        image, size = down * across, self._height(down) * self.length
        if image <= most and size <= source:
            return max(1, min(n, most // image, source // size)), down
        return 1, max(1, min(down, most // across, source // (self.steps[0] * self.length)))

    def _write_tables(self, grids: list[Grid], h: int) -> None:
        image = (h if self.in_place else self._height(self.band)) * self.length
        corners = np.arange(self.images)[:, None, None] * image
        offsets: list[np.ndarray] = []
        runs: list[tuple[int, int, int]] = []
        table, k = [], 0
        for grid in grids:
            down, across = min(grid.pixels[0], self.band), grid.pixels[1]
            places, first = sum(map(len, offsets)), len(runs)
            rows = np.arange(down)[:, None] * self.steps[0] * self.length
            offsets.append((corners + rows + np.arange(across) * self.steps[1] * self.channels).reshape(-1))
            for start, count in self._runs(grid):
                runs.append((start, count, k))
                k += count
            table.append((*grid.pixels, *grid.first, places, first, len(runs)))
        self.offsets, self.grids = np.concatenate(offsets).astype(np.int64), np.array(table, np.int64)
        self.runs = np.array(runs, np.int64).reshape(-1, 3)

    def _places(self, grids: list[Grid], y: tuple[int, int, int], apart: Pair) -> np.ndarray:
        """One grid after the other, as offsets are."""
        down, across, channels = y
        found = []
        for grid in grids:
            rows, columns = np.arange(min(grid.pixels[0], self.band)), np.arange(grid.pixels[1])
            row = np.arange(self.images)[:, None] * down + grid.first[0] + rows * apart[0]
            found.append((row[:, :, None] * across + grid.first[1] + columns * apart[1]).reshape(-1) * channels)
        return np.concatenate(found).astype(np.int64)

    def _runs(self, grid: Grid) -> list[list[int]]:
        """Where each run begins in a patch, and how many numbers it has: taps side by side are one run."""
        found: list[list[int]] = []
        for _, row in grid.rows:
            for n, (_, column) in enumerate(grid.columns):
                if n and self.depth == self.channels and column == grid.columns[n - 1][1] + 1:
                    found[-1][1] += self.depth
                else:
                    start = (row + self.rows.before) * self.length
                    found.append([start + (column + self.columns.before) * self.channels, self.depth])
        return found


def _ends(grids: list[Grid], d: int, size: int, step: int) -> Ends:
    taps = [[at for _, at in (grid.rows, grid.columns)[d]] or [0] for grid in grids]
    before = max(0, -min(map(min, taps)))
    last = max((grid.pixels[d] - 1) * step + max(own) for grid, own in zip(grids, taps, strict=True))
    return Ends(before + max(map(max, taps)) + 1, before, max(0, last + 1 - size))


@lru_cache(maxsize=1024)
def forward_plan(x: tuple[int, ...], w: tuple[int, ...], geometry: Geometry, copied: bool = False) -> Plan:
    """Of y, for the shapes of x and w: it reads x."""
    (n, c, h, width), (o, depth, kh, kw) = x, w
    taps = [
        tuple((i, i * d - p) for i in range(k))
        for k, d, p in zip((kh, kw), geometry.dilation, geometry.padding, strict=True)
    ]
    grid = Grid(taps[0], taps[1], output_size((h, width), (kh, kw), geometry), (0, 0))
    sizes = (n, h, width, c), depth, o // geometry.groups, (kh, kw)
    return Plan([grid], *sizes, geometry.stride, (*grid.pixels, o), (1, 1), copied)


class Strips(NamedTuple):
    """How a gradient of filters is summed: a strip's numbers lie side by side in a patch.

    Strips (S, 3) are filled up with what lies behind them, which is read in vain: from a copy of x, which has more
    behind its last number. rows (K,): where each number is in the sums, which have `height` rows
    """

    plan: Plan
    strips: np.ndarray
    rows: np.ndarray
    height: int


@lru_cache(maxsize=1024)
def weight_strips(x: tuple[int, ...], w: tuple[int, ...], geometry: Geometry) -> Strips:
    """Of dw, for the shapes of x and w: it reads x."""
    plan = forward_plan(x, w, geometry)
    if any(plan.runs[:, 1] % SOME):
        plan = forward_plan(x, w, geometry, True)
    strips: list[tuple[int, int, int]] = []
    rows: list[int] = []
    height = 0
    for start, length, _ in plan.runs.tolist():
        rows += range(height, height + length)
        for k in range(0, length, STRIP):
            full = -(-min(STRIP, length - k) // SOME) * SOME
            strips.append((start + k, full, height))
            height += full
    return Strips(plan, np.array(strips, np.int64), np.array(rows, np.int64), height)


@lru_cache(maxsize=1024)
def input_plan(
    g: tuple[int, ...], w: tuple[int, ...], x: tuple[int, ...], geometry: Geometry, copied: bool = False
) -> Plan:
    """Of dx, for the shapes of g, w and x: it reads g."""
    (n, o, h, width), (_, _, kh, kw), groups = g, w, geometry.groups
    along = []
    for dim, kernel in enumerate((kh, kw)):
        stride, padding, dilation = (pair[dim] for pair in geometry[:3])
        along.append([_phase(u, kernel, stride, padding, dilation, x[dim + 2]) for u in range(min(stride, x[dim + 2]))])
    grids = [
        Grid(rows, columns, (down, across), (u, v))
        for u, (rows, down) in enumerate(along[0])
        for v, (columns, across) in enumerate(along[1])
        if down > 0 < across
    ]
    y = x[2], x[3], x[1]
    return Plan(grids, (n, h, width, o), o // groups, w[1], (kh, kw), (1, 1), y, geometry.stride, copied)


def _phase(u: int, kernel: int, stride: int, padding: int, dilation: int, size: int) -> tuple[Taps, int]:
    """The taps that the places u, u + S, ... of x meet, in the order of g, and how many places there are."""
    found = [(i, u + padding - i * dilation) for i in range(kernel)]
    taps = sorted(((i, at // stride) for i, at in found if at % stride == 0), key=lambda tap: tap[1])
    return tuple(taps), -(-(size - u) // stride)


def ranges(total: int, parts: int) -> list[Pair]:
    """range(total) in so many parts."""
    return list(pairwise(total * i // parts for i in range(parts + 1)))
