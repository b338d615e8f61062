"""Convolution of few pixels by large filters for NumPy: three plain products with the filters as they lie in memory.

    columns (C KH KW, OH OW N)   filters (O, C KH KW)   y = filters columns   dw = g columns^T   dcolumns = g^T filters

Where there are no more pixels than channels, the filters are most of what is read and written: no other order is worth
a copy of them, and the columns are small. BLAS's own threads share the products. Channels-last memory on both sides.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from xdl.functional.conv.conv import Geometry, output_size

from ...common.buffers import empty
from ..layout import channels_first, channels_last


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, O, OH, OW) in channels-last memory."""
    n, o, (oh, ow) = len(x), len(w), output_size(x.shape[2:], w.shape[2:], geometry)
    y = empty((n, oh, ow, o), x.dtype)
    np.copyto(y.transpose(3, 1, 2, 0), (w.reshape(o, -1) @ _columns(x, w.shape, geometry)).reshape(o, oh, ow, n))
    if b is not None:
        np.add(y, b, out=y)
    return channels_first(y)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    (n, c, h, width), (o, _, kh, kw) = shape, w.shape
    (sh, sw), (ph, pw), (dh, dw) = geometry[:3]
    oh, ow = g.shape[2:]
    columns = (channels_last(g).reshape(-1, o) @ w.reshape(o, -1)).reshape(n, oh, ow, c, kh, kw)
    padded = np.zeros((n, h + 2 * ph, width + 2 * pw, c), g.dtype)
    for i in range(kh):
        for j in range(kw):
            place = padded[:, i * dh :: sh, j * dw :: sw][:, :oh, :ow]
            np.add(place, columns[..., i, j], out=place)
    return channels_first(np.ascontiguousarray(padded[:, ph : ph + h, pw : pw + width]))


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, KH, KW) = shape."""
    dw = empty(shape, g.dtype)
    last = np.ascontiguousarray(g.transpose(1, 2, 3, 0)).reshape(shape[0], -1)
    np.matmul(last, _columns(x, shape, geometry).T, out=dw.reshape(shape[0], -1))
    return dw


def _columns(x: np.ndarray, filters: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """The columns (C KH KW, OH OW N) of x (N, C, H, W)."""
    (n, c, h, width), (_, _, kh, kw) = x.shape, filters
    (sh, sw), (ph, pw), (dh, dw) = geometry[:3]
    oh, ow = output_size((h, width), (kh, kw), geometry)
    padded = np.zeros((c, h + 2 * ph, width + 2 * pw, n), x.dtype)
    padded[:, ph : ph + h, pw : pw + width] = x.transpose(1, 2, 3, 0)
    channel, row, column, image = padded.strides
    columns = empty((c, kh, kw, oh, ow, n), x.dtype)
    np.copyto(
        columns, as_strided(padded, columns.shape, (channel, row * dh, column * dw, row * sh, column * sw, image))
    )
    return columns.reshape(c * kh * kw, -1)
