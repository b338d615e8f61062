"""Winograd convolution with stride 2: the four pixels of a square become the channels of one, and the stride 1.

    xs[i, j, (u, v, c)] = x[2 i + u, 2 j + v, c]        ws[a, b, (u, v, c)] = w[2 a + u, 2 b + v, c]        u, v < 2
    y[i, j] = sum_{a, b} xs[i + a, j + b] ws[a, b]      with r = K / 2 taps a, b where w had K, rounded up

x is padded as the geometry says, w with zeros to 2 r taps. 4x4 taps become 2x2, for which F(4x4, 2x2) needs 2.56 times
fewer multiplications; 5x5 and 6x6 become 3x3, with 2.8 and 4 times fewer.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size

from ...common.buffers import empty
from ..layout import channels_first, channels_last, pixels
from . import winograd

ONE = Geometry((1, 1), (0, 0), (1, 1), 1)


class Places(NamedTuple):
    """Of one dimension, of the pixels that are first or second in their squares: which they are, and the squares."""

    pixels: slice
    squares: slice


class Squares:
    """Where the pixels of x (H, W) lie among the squares (rows, columns) that a convolution with K x K taps reads."""

    def __init__(self, size: tuple[int, ...], kernel: tuple[int, ...], geometry: Geometry) -> None:
        self.r = -(-kernel[0] // 2)
        output = output_size((size[0], size[1]), (kernel[0], kernel[1]), geometry)
        self.rows, self.columns = output[0] + self.r - 1, output[1] + self.r - 1
        self.down = _places(size[0], geometry.padding[0], self.rows)
        self.across = _places(size[1], geometry.padding[1], self.columns)

    def split(self, last: np.ndarray) -> np.ndarray:
        """xs (N, rows, columns, 4 C) of x (N, H, W, C), zeros where there is padding."""
        n, *_, c = last.shape
        xs = empty((n, self.rows, self.columns, 4 * c), last.dtype)
        xs.fill(0)
        parts = xs.reshape(n, self.rows, self.columns, 2, 2, c)
        for (u, high), (v, wide) in product(enumerate(self.down), enumerate(self.across)):
            place = parts[:, high.squares, wide.squares, u, v]
            np.copyto(pixels(place), pixels(last[:, high.pixels, wide.pixels]))
        return xs

    def join(self, xs: np.ndarray, last: np.ndarray) -> None:
        """Writes x (N, H, W, C) from xs; zeros where no tap meets it."""
        c = last.shape[3]
        parts = xs.reshape(*xs.shape[:3], 2, 2, c)
        last[:, max(high.pixels.stop for high in self.down) :] = 0
        last[:, :, max(wide.pixels.stop for wide in self.across) :] = 0
        for (u, high), (v, wide) in product(enumerate(self.down), enumerate(self.across)):
            place = parts[:, high.squares, wide.squares, u, v]
            np.copyto(pixels(last[:, high.pixels, wide.pixels]), pixels(place))


def _places(size: int, padding: int, count: int) -> list[Places]:
    """Where the first pixels, and where the second ones, of `count` squares are among `size`."""
    found = []
    for u in (0, 1):
        low = max(0, -((u - padding) // 2))
        high = max(low, min(count, -((u - padding - size) // 2)))
        start = 2 * low + u - padding
        found.append(Places(slice(start, max(start, 2 * high + u - padding - 1), 2), slice(low, high)))
    return found


def _filters(w: np.ndarray, r: int) -> np.ndarray:
    """ws (O, 4 C, r, r) of w (O, C, K, K)."""
    o, c, kh, kw = w.shape
    whole = np.zeros((o, c, 2 * r, 2 * r), w.dtype)
    whole[:, :, :kh, :kw] = w
    return whole.reshape(o, c, r, 2, r, 2).transpose(0, 3, 5, 1, 2, 4).reshape(o, 4 * c, r, r)


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in channels-last memory."""
    squares = Squares(x.shape[2:], w.shape[2:], geometry)
    xs = channels_first(squares.split(channels_last(x)))
    return winograd.forward(xs, _filters(w, squares.r), b, ONE)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    n, c, *size = shape
    squares = Squares(tuple(size), w.shape[2:], geometry)
    wide = (n, 4 * c, squares.rows, squares.columns)
    dxs = channels_last(winograd.input_grad(g, _filters(w, squares.r), wide, ONE))
    dx = empty((n, *size, c), g.dtype)
    squares.join(dxs, dx)
    return channels_first(dx)


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, K, K) = shape."""
    o, c, kh, kw = shape
    squares = Squares(x.shape[2:], (kh, kw), geometry)
    r = squares.r
    xs = channels_first(squares.split(channels_last(x)))
    dws = winograd.weight_grad(g, xs, (o, 4 * c, r, r), ONE)
    whole = dws.reshape(o, 2, 2, c, r, r).transpose(0, 3, 4, 1, 5, 2).reshape(o, c, 2 * r, 2 * r)
    return np.ascontiguousarray(whole[:, :, :kh, :kw])
