"""Convolution of few pixels by large filters, tap by tap, where BLAS would multiply the zeros around the images."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import over_counted, plain
from .patches import LIST, MULTIPLY, TABLE, filters, image_rows

VECTOR, PACK = 64, 25  # bytes; multiplications that take as long as a number of the filters that is packed
ROWS = 16  # filters of a block of dw

convolve = Compiled("conv.taps.convolve", f"{LIST} | T[:, ::1], T[:, :, :], T[::1], {TABLE}, int64, T[:, ::1], T")
add_filters = Compiled("conv.taps.add_filters", f"{LIST} | T[:, ::1], T[:, ::1], {TABLE}, int64, T[:, :, ::1]")
LOOPS = {"forward": (convolve,), "input_grad": (convolve,), "weight_grad": (add_filters,)}


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry, slope: float = 1.0) -> np.ndarray:
    """f(y) (N, O, OH, OW) in channels-last memory. slope: of f where y < 0."""
    bias = np.zeros(len(w), x.dtype) if b is None else plain(b)
    pairs, output = _pairs(x.shape[2:], w.shape[2:], geometry)
    return _convolve(x, filters(w), bias, pairs, output, slope)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    pairs, _ = _pairs((shape[2], shape[3]), w.shape[2:], geometry)
    turned, bias = _sorted(pairs[:, [0, 2, 1]], 2), np.zeros(shape[1], g.dtype)
    return _convolve(g, filters(w).swapaxes(0, 1), bias, turned, (shape[2], shape[3]), 1.0)


def _convolve(
    x: np.ndarray, w: np.ndarray, bias: np.ndarray, pairs: np.ndarray, output: tuple[int, int], slope: float
) -> np.ndarray:
    """f(y) (N, O, *output) of x (N, C, H, W) and w (O, C, T)."""
    n, o, lanes = len(x), len(w), VECTOR // x.itemsize
    y, columns = empty((n, *output, o), x.dtype), lanes if o % (2 * lanes) else 2 * lanes
    cost = MULTIPLY * (n * len(pairs) * o * w.shape[1] + PACK * w.size)
    rows = image_rows(x).reshape(n, -1)
    over_counted(convolve[x.dtype], cost, o // columns, rows, w, bias, pairs, columns, y.reshape(n, -1), slope)
    return y.transpose(0, 3, 1, 2)


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C, KH, KW) = shape."""
    (o, c, *kernel), n, dw = shape, len(x), empty(tuple(shape), g.dtype)
    pairs, _ = _pairs(x.shape[2:], tuple(kernel), geometry)
    cost = MULTIPLY * (n * len(pairs) * o * c + PACK * dw.size)
    arrays = image_rows(x).reshape(n, -1), image_rows(g).reshape(n, -1), _sorted(pairs, 0)
    over_counted(add_filters[g.dtype], cost, o // ROWS, *arrays, ROWS, dw.reshape(o, c, -1))
    return dw


@lru_cache(maxsize=1024)
def _pairs(size: tuple[int, int], kernel: tuple[int, int], geometry: Geometry) -> tuple[np.ndarray, tuple[int, int]]:
    """`pairs` of a forward pass over images of a size, and (OH, OW)."""
    output = output_size(size, kernel, geometry)
    found = [
        (i * kernel[1] + j, h * size[1] + w, p * output[1] + q)
        for p, i, h in _along(0, size, kernel, output, geometry)
        for q, j, w in _along(1, size, kernel, output, geometry)
    ]
    return _sorted(np.array(found, np.int64).reshape(-1, 3), 2), output


def _along(
    d: int, size: tuple[int, int], kernel: tuple[int, int], output: tuple[int, int], geometry: Geometry
) -> list[tuple[int, int, int]]:
    """Along a dimension: place in y, tap, and place in x."""
    stride, padding, dilation = (pair[d] for pair in geometry[:3])
    every = [(p, k, p * stride + k * dilation - padding) for p in range(output[d]) for k in range(kernel[d])]
    return [met for met in every if 0 <= met[2] < size[d]]


def _sorted(pairs: np.ndarray, by: int) -> np.ndarray:
    """The pairs in the order of one of their numbers."""
    return np.ascontiguousarray(pairs[np.argsort(pairs[:, by], kind="stable")])
