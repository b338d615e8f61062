"""Maxima of windows over planes in C order: see loops/pool_planes.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size
from xdl.threads import get_num_threads, parallel

from ..common.buffers import empty
from . import sharing
from .compiled import Compiled
from .sharing import over, plain

PLANES, WON, ROW, PLACES = "T[:, :, ::1]", "uint8[:, :, ::1]", "T[::1]", "int32[::1]"
ROOM = f"{ROW}, {PLACES}, T[:, ::1], int32[:, ::1], {ROW}, {PLACES}"
max_planes = Compiled("pool_planes.max_planes", f"{PLANES}, {PLANES}, {WON}, {ROOM}{', int64' * 7}")
max_planes_back = Compiled("pool_planes.max_planes_back", f"{PLANES}, {WON}, T[:, ::1], int64[::1]{', int64' * 3}")
LOOPS = max_planes, max_planes_back
NARROWEST = 8  # numbers of a row; below, a row takes longer than its numbers
SOME = 2048  # numbers of rows at a time, which stay in the first cache with all that is made of them
LANES = 16  # by which a row is filled up
COST, COST_BACK = 0.6, 0.4  # nanoseconds an element of x


def fits(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> bool:
    """Whether the loops take these windows: without dilation, each with an element of x."""
    inside = all(p < k for p, k in zip(geometry.padding, kernel, strict=True))
    return x.flags.c_contiguous and x.shape[3] >= NARROWEST and geometry.dilation == (1, 1) and inside


class PlaneWindows:
    """Windows over images of a shape (N, C, H, W) in C order."""

    def __init__(self, x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> None:
        self.shape, self.kernel, self.geometry = x.shape, kernel, geometry
        self.output = output_size(x.shape[2:], kernel, geometry)

    def largest(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """y (N, C, OH, OW), and which tap each was, (N C, OH, OW)."""
        n, c, h, w = self.shape
        (sh, sw), (ph, pw), (kh, kw) = self.geometry.stride, self.geometry.padding, self.kernel
        planes, dtype = plain(x).reshape(n * c, h, w), x.dtype
        y, won = empty((n * c, *self.output), dtype), empty((n * c, *self.output), np.uint8)
        each = -(-(w + 2 * pw) // sw)
        rows = max(1, min(self.output[0], SOME // (each * sw)))
        length, more = rows * each, kw + LANES

        def part(low: int, high: int, _: int) -> None:
            sizes = (length * sw + more,), (sw, length + more), (length,)
            room: list[Any] = [np.zeros(size, kind) for size in sizes for kind in (dtype, np.int32)]
            arrays = planes[low:high], y[low:high], won[low:high]
            max_planes[dtype](*arrays, *room, each * sw, kh, kw, sh, sw, ph, pw)

        if x.size * COST < sharing.WORTH or get_num_threads() == 1:
            part(0, n * c, 0)
        else:
            parallel(part, n * c)
        return y.reshape(n, c, *self.output), won

    def to_largest(self, g: np.ndarray, won: np.ndarray) -> np.ndarray:
        """dx (N, C, H, W)."""
        n, c, h, w = self.shape
        (sh, sw), (ph, pw), (kh, kw) = self.geometry.stride, self.geometry.padding, self.kernel
        dx, places = empty((n * c, h * w), g.dtype), (np.arange(kh)[:, None] * w + np.arange(kw)).reshape(-1)
        arrays = [plain(g).reshape(won.shape), won, dx]
        numbers = places.astype(np.int64), sh * w, sw, -ph * w - pw
        over(max_planes_back[g.dtype], h * w * COST_BACK, arrays, *numbers)
        return dx.reshape(self.shape)
