"""Winograd convolution with stride 2: the four pixels of a square become the channels of one, and the stride 1.

    xs[i, j, (u, v, c)] = x[2 i + u, 2 j + v, c]        ws[a, b, (u, v, c)] = w[2 a + u, 2 b + v, c]        u, v < 2
    y[i, j] = sum_{a, b} xs[i + a, j + b] ws[a, b]      with r = K / 2 taps a, b where w had K, rounded up

x is padded as the geometry says, w with zeros to 2 r taps. 4x4 taps become 2x2, for which F(4x4, 2x2) needs 2.56 times
fewer multiplications; 5x5 and 6x6 become 3x3, with 2.8 and 4 times fewer.
"""

from __future__ import annotations

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size

from ...common.buffers import empty
from ..layout import channels_first, channels_last, pixels
from . import winograd

ONE = Geometry((1, 1), (0, 0), (1, 1), 1)


class Squares:
    """Where the pixels of x (H, W) lie among the squares (rows, columns) that a convolution with K x K taps reads."""

    def __init__(self, size: tuple[int, int], kernel: tuple[int, int], geometry: Geometry) -> None:
        self.size, self.padding = size, geometry.padding
        self.r = -(-kernel[0] // 2)
        output = output_size(size, kernel, geometry)
        self.rows, self.columns = output[0] + self.r - 1, output[1] + self.r - 1

    def both(self, last: np.ndarray, squares: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each u, v the pixels of x (N, H, W, C) that are number u, v of a square, and their place there."""
        n, c = len(last), last.shape[3]
        into = squares.reshape(n, self.rows, self.columns, 2, 2, c)
        pairs = []
        for u, (there_h, here_h) in enumerate(self._places(0, self.rows)):
            for v, (there_w, here_w) in enumerate(self._places(1, self.columns)):
                pairs.append((last[:, there_h, there_w], into[:, here_h, here_w, u, v]))
        return pairs

    def _places(self, dimension: int, count: int) -> list[tuple[slice, slice]]:
        """For u = 0 and 1: the places of x that are number u, and which squares they are in."""
        size, padding = self.size[dimension], self.padding[dimension]
        found = []
        for u in (0, 1):
            low = max(0, -((u - padding) // 2))
            high = max(low, min(count, -((u - padding - size) // 2)))
            start = 2 * low + u - padding
            found.append((slice(start, start + 2 * (high - low), 2), slice(low, high)))
        return found


def _split(x: np.ndarray, squares: Squares) -> np.ndarray:
    """xs (N, 4 C, rows, columns) of x (N, C, H, W), in channels-last memory."""
    last = channels_last(x)
    xs = np.zeros((len(x), squares.rows, squares.columns, 4 * x.shape[1]), x.dtype)
    for pixel, place in squares.both(last, xs):
        np.copyto(pixels(place), pixels(pixel))
    return channels_first(xs)


def _filters(w: np.ndarray, r: int) -> np.ndarray:
    """ws (O, 4 C, r, r) of w (O, C, K, K)."""
    o, c, kh, kw = w.shape
    whole = np.zeros((o, c, 2 * r, 2 * r), w.dtype)
    whole[:, :, :kh, :kw] = w
    return whole.reshape(o, c, r, 2, r, 2).transpose(0, 3, 5, 1, 2, 4).reshape(o, 4 * c, r, r)


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in channels-last memory."""
    squares = Squares(x.shape[2:], w.shape[2:], geometry)
    return winograd.forward(_split(x, squares), _filters(w, squares.r), b, ONE)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    n, c, *size = shape
    squares = Squares((size[0], size[1]), w.shape[2:], geometry)
    wide = (n, 4 * c, squares.rows, squares.columns)
    dxs = channels_last(winograd.input_grad(g, _filters(w, squares.r), wide, ONE))
    dx = empty((n, *size, c), g.dtype)
    dx.fill(0)  # the last rows and columns may meet no tap
    for pixel, place in squares.both(dx, dxs):
        np.copyto(pixels(pixel), pixels(place))
    return channels_first(dx)


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, K, K) = shape."""
    o, c, kh, kw = shape
    squares = Squares(x.shape[2:], (kh, kw), geometry)
    r = squares.r
    dws = winograd.weight_grad(g, _split(x, squares), (o, 4 * c, r, r), ONE)
    whole = dws.reshape(o, 2, 2, c, r, r).transpose(0, 3, 4, 1, 5, 2).reshape(o, c, 2 * r, 2 * r)
    return np.ascontiguousarray(whole[:, :, :kh, :kw])
