"""Convolution of few channels by steps of one, in CHWN memory: vectors of images waste nothing, however few channels.

    x (C, H, W, N)   w (O, K), K = C KH KW   y (O, OH, OW, N)      N a multiple of four vectors

dx is the convolution of g with the filters turned by half a circle.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import over_counted, plain
from .orders import images_last
from .patches import LIST, MULTIPLY

TAPS, FILTERS = 4, 6  # of a tile of a gradient of filters

convolve_images = Compiled(
    "conv.images.convolve_images", f"{LIST} | T[::1], T[:, ::1], T[::1], {LIST}, T[:, ::1], int64, {LIST}, T"
)
image_filters = Compiled("conv.images.image_filters", f"{LIST} | T[::1], T[:, ::1], {LIST}, int64, int64, T[:, ::1]")
LOOPS = {"forward": (convolve_images,), "input_grad": (convolve_images,), "weight_grad": (image_filters,)}


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry, slope: float = 1.0) -> np.ndarray:
    """f(y) (N, O, OH, OW) in CHWN memory. slope: of f where y < 0."""
    bias = np.zeros(len(w), x.dtype) if b is None else plain(b)
    return _convolve(x, plain(w), bias, geometry, output_size(x.shape[2:], w.shape[2:], geometry), slope)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in CHWN memory."""
    each = zip(w.shape[2:], geometry.padding, geometry.dilation, strict=True)
    rows, columns = (d * (k - 1) - p for k, p, d in each)
    turned = plain(w[:, :, ::-1, ::-1].swapaxes(0, 1))
    around = geometry._replace(padding=(rows, columns))
    return _convolve(g, turned, np.zeros(shape[1], g.dtype), around, (shape[2], shape[3]), 1.0)


def _convolve(
    x: np.ndarray, w: np.ndarray, bias: np.ndarray, geometry: Geometry, output: tuple[int, int], slope: float
) -> np.ndarray:
    (o, *kernel), (oh, ow), n, padded = w.shape, output, len(x), _padded(x, geometry.padding)
    places, steps = _places(padded.shape, tuple(kernel), geometry.dilation)
    filters, y = w.reshape(o, -1), empty((o, oh, ow, n), x.dtype)
    arrays = padded.reshape(-1), filters, bias, places[: filters.shape[1]], y.reshape(o, -1)
    cost = MULTIPLY * y.size * filters.shape[1]
    over_counted(convolve_images[x.dtype], cost, oh, *arrays, ow, steps, slope)
    return y.transpose(3, 0, 1, 2)


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, KH, KW) = shape."""
    o, *kernel = shape
    padded, images = _padded(x, geometry.padding), images_last(g)
    places, steps = _places(padded.shape, tuple(kernel), geometry.dilation)
    rows, dw = images.reshape(o, -1), empty((o, len(places)), g.dtype)
    arrays, cost = (padded.reshape(-1), rows, places), MULTIPLY * rows.size * len(places)
    tiles = len(places) // TAPS * -(-o // FILTERS)
    over_counted(image_filters[g.dtype], cost, tiles, *arrays, images[0, 0].size, int(steps[0]), dw)
    k = kernel[0] * kernel[1] * kernel[2]
    return np.ascontiguousarray(dw[:, :k]).reshape(shape)


def _padded(x: np.ndarray, padding: tuple[int, int]) -> np.ndarray:
    """Dense (C, H + 2 PH, W + 2 PW, N) of x (N, C, H, W)."""
    (n, c, h, w), (ph, pw) = x.shape, padding
    if not (ph or pw):
        return images_last(x)
    y = empty((c, h + 2 * ph, w + 2 * pw, n), x.dtype)
    y[:, :ph], y[:, ph + h :], y[:, ph : ph + h, :pw], y[:, ph : ph + h, pw + w :] = 0, 0, 0, 0
    y[:, ph : ph + h, pw : pw + w] = images_last(x)
    return y


@lru_cache(maxsize=1024)
def _places(
    padded: tuple[int, ...], kernel: tuple[int, ...], dilation: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """`places` of all taps, filled up to whole tiles by those of the first tap, and `steps`."""
    (_, h, w, n), (c, kh, kw), (dh, dw) = padded, kernel, dilation
    channels, rows, columns = np.arange(c) * h * w * n, np.arange(kh) * dh * w * n, np.arange(kw) * dw * n
    found = (channels[:, None, None] + rows[:, None] + columns).reshape(-1)
    return np.append(found, np.zeros(-len(found) % TAPS, np.int64)).astype(np.int64), np.array([w * n, n], np.int64)
