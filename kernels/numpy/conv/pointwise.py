"""Convolution by filters of one pixel for NumPy: one matrix product, without columns.

In channels-last memory all pixels are the rows of one product, y (N H W, O) = x (N H W, C) w^T. In C order it is one
product for each image, y (O, H W) = w x (C, H W), so the layout of x (or g) is kept. Strides take every SH-th row
and SW-th pixel first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.conv.conv import Geometry
from xdl.threads import get_num_threads

from ...common.buffers import empty
from ..layout import channels_first, channels_last, is_channels_last, run

PIXELS = 4096  # of one product in channels-last memory


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in the layout of x."""
    y = _product(_taken(x, geometry), w.reshape(w.shape[:2]))
    if b is not None:
        y += b[:, None, None]
    return y


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in the layout of g."""
    taken = _product(g, w.reshape(w.shape[:2]).T)
    if taken.shape == tuple(shape):
        return taken
    n, c, h, width = shape
    dx = channels_first(empty((n, h, width, c), g.dtype)) if is_channels_last(g) else empty((n, c, h, width), g.dtype)
    dx.fill(0)
    np.copyto(_taken(dx, geometry), taken)
    return dx


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, 1, 1) = shape, in the layout of x."""
    (o, c, *_), n = shape, len(x)
    x = _taken(x, geometry)
    cuts: list[Any]
    if x.strides[1] == x.itemsize:  # the channels of a pixel side by side
        rows, columns = channels_last(g).reshape(-1, o).T, channels_last(x).reshape(-1, c)
        cuts = [(rows[:, i : i + PIXELS], columns[i : i + PIXELS]) for i in range(0, len(columns), PIXELS)]
    else:
        size = x.shape[2] * x.shape[3]
        first_g, first_x = np.ascontiguousarray(g).reshape(n, o, size), np.ascontiguousarray(x).reshape(n, c, size)
        cuts = [(first_g[i], first_x[i].T) for i in range(n)]
    sums = np.zeros((get_num_threads(), o, c), g.dtype)

    def part(cut: tuple[np.ndarray, np.ndarray], thread: int) -> None:
        sums[thread] += cut[0] @ cut[1]

    run(part, cuts, 2.0 * o * c * x[:, 0].size)
    total: np.ndarray = np.add.reduce(sums, axis=0)
    return total.reshape(shape)


def _taken(x: np.ndarray, geometry: Geometry) -> np.ndarray:
    """The pixels that the filters meet."""
    sh, sw = geometry.stride
    return x if geometry.stride == (1, 1) else x[:, :, ::sh, ::sw]


def _product(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """(N, O, H, W) from x (N, C, H, W) and w (O, C), in the layout of x."""
    n, c, h, width = x.shape
    o = len(w)
    operations = 2.0 * n * c * o * h * width
    if x.strides[1] == x.itemsize:  # the channels of a pixel side by side
        rows = channels_last(x).reshape(-1, c)
        y = empty((n, h, width, o), x.dtype)
        out = y.reshape(-1, o)
        cuts = [slice(i, i + PIXELS) for i in range(0, len(rows), PIXELS)]
        run(lambda cut, _: np.matmul(rows[cut], w.T, out=out[cut]), cuts, operations)
        return channels_first(y)
    images = np.ascontiguousarray(x).reshape(n, c, h * width)
    y = empty((n, o, h, width), x.dtype)
    products = y.reshape(n, o, h * width)
    run(lambda image, _: np.matmul(w, images[image], out=products[image]), list(range(n)), operations)
    return y
