"""Pooling for NumPy: one pass for each tap of the window, over images that stay in cache, on all threads.

Padding is never built: a tap meets the part of the image that is there. All memory layouts are taken as they are,
and y and dx have the layout of x.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size
from xdl.functional.conv.pool import avg_pool2d_pair, max_pool2d_pair
from xdl.threads import parallel

from ..common.buffers import empty
from ..common.convolutions import is_chwn
from .layout import channels_last, is_channels_last
from .slots import register

PARALLEL = 1 << 20  # elements of x; below, the threads wait for the interpreter more often than they gain
BLOCK = 1 << 17  # elements of x in one block of images
C_ORDER, CHANNELS_LAST, IMAGES_LAST = (0, 1, 2, 3), (0, 2, 3, 1), (1, 2, 3, 0)
BACK = {C_ORDER: C_ORDER, CHANNELS_LAST: (0, 3, 1, 2), IMAGES_LAST: (3, 0, 1, 2)}


class Windows:
    """Windows over images of one shape (N, C, H, W) and layout.

    order: the dimensions in the order of memory: N, C, H, W, or N, H, W, C, or C, H, W, N
    taps: for each tap of the window, the windows (their places in y) that it lies in, and its places in x
    """

    def __init__(self, x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> None:
        self.shape, self.order = x.shape, _memory_order(x)
        self.output = output_size(x.shape[2:], kernel, geometry)
        self.kernel, self.geometry = kernel, geometry
        before = (slice(None),) * self.order.index(2)
        rows, columns = (
            [_meeting(size, out, tap * d - p, s) for tap in range(k)]
            for size, out, k, s, p, d in zip(x.shape[2:], self.output, kernel, *geometry[:3], strict=True)
        )
        self.taps = [
            ((*before, into_row, into_column), (*before, row, column))
            for into_row, row in rows
            for into_column, column in columns
        ]

    def apart(self) -> bool:
        """Whether no element belongs to two windows."""
        steps = zip(self.kernel, self.geometry.stride, self.geometry.dilation, strict=True)
        return all(s >= d * (k - 1) + 1 for k, s, d in steps)

    def covered(self) -> bool:
        """Whether every element belongs to exactly one window."""
        whole = tuple([o * k for o, k in zip(self.output, self.kernel, strict=True)]) == self.shape[2:]
        return self.geometry == Geometry(self.kernel, (0, 0), (1, 1), 1) and whole

    def like_y(self, dtype: Any) -> np.ndarray:
        """Memory for y, arranged."""
        return self._arranged((*self.shape[:2], *self.output), dtype)

    def like_x(self, dtype: Any) -> np.ndarray:
        """Memory for dx, arranged: zeros unless every element is written."""
        dx = self._arranged(self.shape, dtype)
        if not self.covered():
            dx.fill(0)
        return dx

    def _arranged(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return empty(tuple([shape[i] for i in self.order]), dtype)

    def arranged(self, a: np.ndarray) -> np.ndarray:
        """a (N, C, ., .) with its dimensions in the order of memory."""
        return a.transpose(self.order)

    def dense(self, g: np.ndarray) -> np.ndarray:
        """g arranged, in one piece of memory."""
        if self.order == CHANNELS_LAST:
            return channels_last(g)
        return np.ascontiguousarray(g.transpose(self.order))

    def tensor(self, a: np.ndarray) -> np.ndarray:
        """The inverse of `arranged`."""
        return a.transpose(BACK[self.order])

    def run(self, part: Any) -> None:
        """Calls part(block) for blocks of the first dimension in memory: images, or channels."""
        size, first = prod(self.shape), self.shape[self.order[0]]
        step = max(1, BLOCK * first // max(1, size))

        def piece(low: int, high: int, thread: int) -> None:
            for i in range(low, high, step):
                part(slice(i, min(i + step, high)))

        if size < PARALLEL:
            piece(0, first, 0)
        else:
            parallel(piece, first)


def _memory_order(x: np.ndarray) -> tuple[int, int, int, int]:
    if not x.flags.c_contiguous:
        if is_channels_last(x):
            return CHANNELS_LAST
        if is_chwn(x):
            return IMAGES_LAST
    return C_ORDER


def _meeting(size: int, windows: int, offset: int, stride: int) -> tuple[slice, slice]:
    """The windows whose element at `offset` from their start lies in 0 to size, and those elements."""
    first = max(0, -(offset // stride))
    last = min(windows - 1, (size - 1 - offset) // stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    start = first * stride + offset
    return slice(first, last + 1), slice(start, last * stride + offset + 1, stride)


@register(max_pool2d_pair)
class max_pool2d_taps:
    """y = the maximum over the taps; saved: x and y. The first tap that equals y gets g."""

    @staticmethod
    def forward(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> tuple[np.ndarray, Any]:
        windows = Windows(x, kernel, geometry)
        values, y = windows.arranged(x), windows.like_y(x.dtype)

        def part(block: slice) -> None:
            _collect(np.maximum, values[block], y[block], windows, -np.inf)

        windows.run(part)
        y = windows.tensor(y)
        return y, (x, y, windows)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray]:
        x, y, windows = saved
        values, best, grads = windows.arranged(x), windows.arranged(y), windows.dense(g)
        dx = windows.like_x(g.dtype)
        add = not windows.apart()

        def part(block: slice) -> None:
            source, top, share, out = values[block], best[block], grads[block], dx[block]
            left, wins = np.ones(top.shape, np.bool_), np.empty(top.shape, np.bool_)
            for into, tap in windows.taps:
                won, free = wins[into], left[into]
                np.equal(source[tap], top[into], out=won)
                np.logical_and(won, free, out=won)
                np.logical_xor(free, won, out=free)
                if add:
                    out[tap] += share[into] * won
                else:
                    np.multiply(share[into], won, out=out[tap])
            if left.any():  # windows with a nan: nothing equals their maximum
                for into, tap in windows.taps:
                    won = np.isnan(source[tap]) & left[into]
                    left[into] ^= won
                    out[tap] += np.where(won, share[into], 0)

        windows.run(part)
        return (windows.tensor(dx),)


@register(avg_pool2d_pair)
class avg_pool2d_taps:
    """y = the sum over the taps / (KH KW); every tap gets g / (KH KW)."""

    @staticmethod
    def forward(x: np.ndarray, kernel: tuple[int, int], geometry: Geometry) -> tuple[np.ndarray, Any]:
        windows = Windows(x, kernel, geometry)
        values, y = windows.arranged(x), windows.like_y(x.dtype)

        def part(block: slice) -> None:
            _collect(np.add, values[block], y[block], windows, 0)
            np.multiply(y[block], 1 / (kernel[0] * kernel[1]), out=y[block])

        windows.run(part)
        return windows.tensor(y), windows

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray]:
        windows: Windows = saved
        grads = windows.dense(g)
        dx = windows.like_x(g.dtype)
        add = not windows.apart()
        weight = g.dtype.type(1 / (windows.kernel[0] * windows.kernel[1]))

        def part(block: slice) -> None:
            share, out = grads[block] * weight, dx[block]
            for into, tap in windows.taps:
                if add:
                    out[tap] += share[into]
                else:
                    out[tap] = share[into]

        windows.run(part)
        return (windows.tensor(dx),)


def _collect(combine: Any, x: np.ndarray, y: np.ndarray, windows: Windows, nothing: float) -> None:
    """y = all taps combined, beginning with `nothing` where the first tap does not meet every window."""
    taps = windows.taps
    if windows.geometry.padding == (0, 0):
        np.copyto(y, x[taps[0][1]])
        taps = taps[1:]
    else:
        y.fill(nothing)
    for into, tap in taps:
        combine(y[into], x[tap], out=y[into])
