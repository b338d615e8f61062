"""Convolution by filters of one pixel for NumPy: one matrix product, without columns.

In channels-last memory all pixels are the rows of one product, y (N H W, O) = x (N H W, C) w^T. In C order it is one
product for each image, y (O, H W) = w x (C, H W), so the layout of x (or g) is kept. Strides take every SH-th row
and SW-th pixel first.
"""

from __future__ import annotations

import numpy as np

from xdl.functional.conv import Geometry
from xdl.threads import get_num_threads

from .buffers_numpy import empty
from .layout_numpy import channels_first, channels_last, is_channels_last, run


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
    if is_channels_last(x):
        rows, columns = channels_last(g).reshape(-1, o), channels_last(x).reshape(-1, c)
        return np.matmul(rows.T, columns).reshape(shape)
    first_g, first_x = np.ascontiguousarray(g).reshape(n, o, -1), np.ascontiguousarray(x).reshape(n, c, -1)
    sums = np.zeros((get_num_threads(), o, c), g.dtype)

    def part(image: int, thread: int) -> None:
        sums[thread] += first_g[image] @ first_x[image].T

    run(part, list(range(n)), 2.0 * n * o * c * first_x.shape[2])
    return np.add.reduce(sums, axis=0).reshape(shape)


def _taken(x: np.ndarray, geometry: Geometry) -> np.ndarray:
    """The pixels that the filters meet."""
    sh, sw = geometry.stride
    return x if geometry.stride == (1, 1) else x[:, :, ::sh, ::sw]


def _product(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """(N, O, H, W) from x (N, C, H, W) and w (O, C), in the layout of x."""
    n, c, h, width = x.shape
    o = len(w)
    operations = 2.0 * n * c * o * h * width
    if x.transpose(0, 2, 3, 1).flags.c_contiguous or x.strides[1] == x.itemsize:
        rows = channels_last(x).reshape(-1, c)
        y = empty((n, h, width, o), x.dtype)
        out = y.reshape(-1, o)
        cuts = [slice(i, i + 4096) for i in range(0, len(rows), 4096)]
        run(lambda cut, _: np.matmul(rows[cut], w.T, out=out[cut]), cuts, operations)
        return channels_first(y)
    x = np.ascontiguousarray(x).reshape(n, c, -1)
    y = empty((n, o, h, width), x.dtype)
    out = y.reshape(n, o, -1)
    run(lambda image, _: np.matmul(w, x[image], out=out[image]), list(range(n)), operations)
    return y
