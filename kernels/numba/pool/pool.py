"""Pooling, compiled: images whose channels, or batch, lie side by side, and planes with windows of 2 x 2.

A maximum keeps a byte, which tap of its window it was. Other windows over planes are in planes.py.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size
from xdl.functional.conv.pool import avg_pool2d_pair, max_pool2d_pair

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import REALS, over, plain
from ..slots import register
from . import planes as windows_of_planes

IMAGES, PLANES = "T[:, :, :, ::1]", "T[:, :, ::1]"
WON_IMAGES, WON_PLANES = "uint8[:, :, :, ::1]", "uint8[:, :, ::1]"
NUMBERS = ", int64" * 8  # kernel, stride, padding and dilation
max_images = Compiled("pool.images.max_images", f"{IMAGES}, {IMAGES}, {WON_IMAGES} | {NUMBERS}")
max_images_back = Compiled("pool.images.max_images_back", f"{IMAGES}, {WON_IMAGES}, {IMAGES} | {NUMBERS}")
mean_images = Compiled("pool.images.mean_images", f"{IMAGES}, {IMAGES} | {NUMBERS}, T")
mean_images_back = Compiled("pool.images.mean_images_back", f"{IMAGES}, {IMAGES} | {NUMBERS}, T")
max_pairs = Compiled("pool.images.max_pairs", f"{PLANES}, {PLANES}, {WON_PLANES} |")
max_pairs_back = Compiled("pool.images.max_pairs_back", f"{PLANES}, {WON_PLANES}, {PLANES} |")
mean_pairs = Compiled("pool.images.mean_pairs", f"{PLANES}, {PLANES} |")
mean_pairs_back = Compiled("pool.images.mean_pairs_back", f"{PLANES}, {PLANES} |")
C_ORDER, SIDE_BY_SIDE = (0, 1, 2, 3), ((0, 2, 3, 1), (1, 2, 3, 0))  # dimensions in the order of memory
PAIRS = (2, 2), Geometry((2, 2), (0, 0), (1, 1), 1)
FEWEST = 16  # values side by side; below, a loop over them takes longer than they do
COST = 0.4  # nanoseconds an element of x


class Windows:
    """Windows over images of a shape (N, C, H, W) that lie in memory as `_order` has it."""

    def __init__(self, x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> None:
        self.shape, self.order = x.shape, _order(x, kernel, geometry) or C_ORDER
        self.output = output_size(x.shape[2:], kernel, geometry)
        self.numbers = (*kernel, *geometry.stride, *geometry.padding, *geometry.dilation)
        self.pairs = self.order == C_ORDER

    def largest(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """y (N, C, OH, OW), and which tap each was, folded."""
        y, won = self.like_y(x.dtype), self.like_y(np.uint8)
        self.run(max_pairs, max_images, self.folded(x), y, won)
        return self.tensor(y), won

    def to_largest(self, g: np.ndarray, won: np.ndarray) -> np.ndarray:
        """dx (N, C, H, W)."""
        dx = self.like_x(g.dtype)
        self.run(max_pairs_back, max_images_back, self.folded(g), won, dx)
        return self.tensor(dx)

    def means(self, x: np.ndarray, share: float) -> np.ndarray:
        """y (N, C, OH, OW), the sums of windows times share."""
        y = self.like_y(x.dtype)
        self.run(mean_pairs, mean_images, self.folded(x), y, share=(share,))
        return self.tensor(y)

    def to_all(self, g: np.ndarray, share: float) -> np.ndarray:
        """dx (N, C, H, W)."""
        dx = self.like_x(g.dtype)
        self.run(mean_pairs_back, mean_images_back, self.folded(g), dx, share=(share,))
        return self.tensor(dx)

    def folded(self, a: np.ndarray) -> np.ndarray:
        """a (N, C, ., .) as the loops take it."""
        a = plain(a.transpose(self.order))
        return a.reshape(-1, *a.shape[2:]) if self.pairs else a

    def like_x(self, dtype: Any) -> np.ndarray:
        """New memory for dx, folded."""
        return self._new(self.shape[2:], dtype)

    def like_y(self, dtype: Any) -> np.ndarray:
        """New memory for y, folded."""
        return self._new(self.output, dtype)

    def tensor(self, a: np.ndarray) -> np.ndarray:
        """(N, C, ., .) over the memory of what is folded."""
        if self.pairs:
            return a.reshape(*self.shape[:2], *a.shape[1:])
        return a.transpose(np.argsort(self.order))

    def run(self, pairs: Compiled, images: Compiled, *arrays: np.ndarray, share: tuple[float, ...] = ()) -> None:
        """The loop of this layout over arrays, the first of floats."""
        cost = COST * prod(self.shape) / len(arrays[0])
        if self.pairs:
            over(pairs[arrays[0].dtype], cost, arrays)
        else:
            over(images[arrays[0].dtype], cost, arrays, *self.numbers, *share)

    def _new(self, size: tuple[int, ...], dtype: Any) -> np.ndarray:
        n, c = self.shape[:2]
        if self.pairs:
            return empty((n * c, *size), dtype)
        shape = n, c, *size
        return empty(tuple([shape[i] for i in self.order]), dtype)


def _order(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> tuple[int, ...] | None:
    """The dimensions of x in the order of memory, None for one that the loops are not made for."""
    if x.flags.c_contiguous and (kernel, geometry) == PAIRS:
        return C_ORDER
    fits = (order for order in SIDE_BY_SIDE if x.shape[order[3]] >= FEWEST and x.transpose(order).flags.c_contiguous)
    return next(fits, None)


def _dense(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> bool:
    return x.dtype in REALS and x.size > 0 and prod(kernel) < 255 and _order(x, kernel, geometry) is not None


def _dense_or_planes(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> bool:
    planes = x.dtype in REALS and x.size > 0 and prod(kernel) < 255 and windows_of_planes.fits(x, kernel, geometry)
    return planes or _dense(x, kernel, geometry)


def _windows(x: np.ndarray, *windows: Any) -> Any:
    return (Windows if _order(x, *windows) else windows_of_planes.PlaneWindows)(x, *windows)


MAX_LOOPS = max_images, max_images_back, max_pairs, max_pairs_back, *windows_of_planes.MAX_LOOPS
MEAN_LOOPS = mean_images, mean_images_back, mean_pairs, mean_pairs_back, *windows_of_planes.MEAN_LOOPS
WHY = (
    f"float32 or float64 with {FEWEST} channels or images side by side, or in C order with windows of 2 x 2, or "
    f"without dilation over rows of {windows_of_planes.NARROWEST} values, {windows_of_planes.FEWEST} in a row"
)


@register(max_pool2d_pair, *MAX_LOOPS, when=_dense_or_planes, why=WHY)
class max_pool2d_compiled:
    """y = the largest of each window; saved: which tap it was. Of equal ones the first gets g."""

    @staticmethod
    def forward(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> tuple[np.ndarray, Any]:
        windows = _windows(x, kernel, geometry)
        y, won = windows.largest(x)
        return y, (won, windows)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray]:
        won, windows = saved
        return (windows.to_largest(g, won),)


@register(avg_pool2d_pair, *MEAN_LOOPS, when=_dense_or_planes, why=WHY)
class avg_pool2d_compiled:
    """y = the sum of each window / (KH KW)."""

    @staticmethod
    def forward(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> tuple[np.ndarray, Any]:
        windows, share = _windows(x, kernel, geometry), 1 / prod(kernel)
        return windows.means(x, share), (windows, share)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray]:
        windows, share = saved
        return (windows.to_all(g, share),)
