"""Maxima and means of windows over planes in C order: see loops/pool/planes.py and loops/pool/means.py."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size
from xdl.threads import get_num_threads, parallel

from ...common.buffers import empty
from .. import sharing
from ..compiled import Compiled
from ..sharing import over, plain

PLANES, WON, ROW, PLACES = "T[:, :, ::1]", "uint8[:, :, ::1]", "T[::1]", "int32[::1]"
ROOM = f"{ROW}, {PLACES}, T[:, ::1], int32[:, ::1], {ROW}, {PLACES}"
max_planes = Compiled("pool.planes.max_planes", f"{PLANES}, {PLANES}, {WON}, {ROOM}{', int64' * 7}")
max_planes_back = Compiled("pool.planes.max_planes_back", f"{PLANES}, {WON}, T[:, ::1] | int64[::1]{', int64' * 3}")
mean_planes = Compiled("pool.means.mean_planes", f"{PLANES}, {PLANES}, {ROW}, T[:, ::1], {ROW}{', int64' * 7}, T")
mean_planes_back = Compiled(
    "pool.means.mean_planes_back", f"{PLANES}, {PLANES}, {ROW}, T[:, ::1], {ROW}{', int64' * 7}, T"
)
MAX_LOOPS, MEAN_LOOPS = (max_planes, max_planes_back), (mean_planes, mean_planes_back)
NARROWEST, FEWEST = 8, 4  # numbers of a row, and windows; below, a row takes longer than its numbers
SOME = 2048  # numbers of rows at a time, which stay in the first cache with all that is made of them
LANES = 16  # by which a row is filled up
COST = 0.5  # nanoseconds an element of x


def fits(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> bool:
    """Whether the loops take these windows: without dilation, each with an element of x."""
    inside = all(p < k for p, k in zip(geometry.padding, kernel, strict=True)) and geometry.dilation == (1, 1)
    long = x.shape[3] >= NARROWEST and output_size(x.shape[2:], kernel, geometry)[1] >= FEWEST
    return x.flags.c_contiguous and inside and long


class PlaneWindows:
    """Windows over images of a shape (N, C, H, W) in C order."""

    def __init__(self, x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> None:
        (n, c, h, w), (sh, sw), (ph, pw) = x.shape, geometry.stride, geometry.padding
        self.shape, self.planes, self.kernel = x.shape, (n * c, h, w), kernel
        self.output = output_size((h, w), kernel, geometry)
        self.each = -(-(w + 2 * pw) // sw)
        self.numbers = self.each * sw, *kernel, sh, sw, ph, pw
        self.rows = max(1, min(self.output[0], SOME // (self.each * sw)))

    def largest(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """y (N, C, OH, OW), and which tap each was, (N C, OH, OW)."""
        y, won = self._results(x.dtype), self._results(np.uint8)
        planes, dtype = plain(x).reshape(self.planes), x.dtype

        def part(low: int, high: int, _: int) -> None:
            room = [np.zeros(size, kind) for size in self._sizes(self.rows) for kind in (dtype, np.int32)]
            max_planes[dtype](planes[low:high], y[low:high], won[low:high], *room, *self.numbers)

        self._share(part)
        return y.reshape(*self.shape[:2], *self.output), won

    def to_largest(self, g: np.ndarray, won: np.ndarray) -> np.ndarray:
        """dx (N, C, H, W)."""
        (n, h, w), (kh, kw), (*_, sh, sw, ph, pw) = self.planes, self.kernel, self.numbers
        dx, places = empty((n, h * w), g.dtype), (np.arange(kh)[:, None] * w + np.arange(kw)).reshape(-1)
        arrays = [plain(g).reshape(won.shape), won, dx]
        over(max_planes_back[g.dtype], h * w * COST, arrays, places.astype(np.int64), sh * w, sw, -ph * w - pw)
        return dx.reshape(self.shape)

    def means(self, x: np.ndarray, share: float) -> np.ndarray:
        """y (N, C, OH, OW), the sums of windows times share."""
        y, planes, dtype = self._results(x.dtype), plain(x).reshape(self.planes), x.dtype

        def part(low: int, high: int, _: int) -> None:
            room = [np.zeros(size, dtype) for size in self._sizes(self.rows)]
            mean_planes[dtype](planes[low:high], y[low:high], *room, *self.numbers, share)

        self._share(part)
        return y.reshape(*self.shape[:2], *self.output)

    def to_all(self, g: np.ndarray, share: float) -> np.ndarray:
        """dx (N, C, H, W)."""
        dx, rows, dtype = empty(self.planes, g.dtype), plain(g).reshape(-1, *self.output), g.dtype
        length, (width, _, kw, _, sw, *_) = self.output[0] * self.each, self.numbers
        sizes = (kw + length,), (sw, length), (self.output[0] * width,)

        def part(low: int, high: int, _: int) -> None:
            room = [np.empty(size, dtype) for size in sizes]
            mean_planes_back[dtype](rows[low:high], dx[low:high], *room, *self.numbers, share)

        self._share(part)
        return dx.reshape(self.shape)

    def _results(self, dtype: Any) -> np.ndarray:
        return empty((self.planes[0], *self.output), dtype)

    def _sizes(self, rows: int) -> tuple[tuple[int, ...], ...]:
        """Of the room for so many rows of windows: what is found of rows, its parts, and what is found of these."""
        _, _, kw, _, sw, *_ = self.numbers
        length, more = rows * self.each, kw + LANES
        return (length * sw + sw * more,), (sw, length + more), (length,)

    def _share(self, part: Callable[[int, int, int], None]) -> None:
        """part for all planes, shared out to threads where that is worth it."""
        if prod(self.shape) * COST < sharing.WORTH or get_num_threads() == 1:
            part(0, self.planes[0], 0)
        else:
            parallel(part, self.planes[0])
