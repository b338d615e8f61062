"""max_pool.cu and average_pool.cu against loops over windows in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.kernels.cuda.conv import pool as pool_cuda
from xdl.kernels.cuda.launch import Device

# x shape, output size, kernel, stride, padding, dilation
MAX_SHAPES = [
    ((2, 3, 9, 8), (4, 4), (3, 2), (2, 2), (1, 0), (1, 1)),
    ((1, 2, 16, 33), (16, 16), (3, 3), (1, 2), (1, 1), (1, 1)),
    ((1, 1, 7, 7), (2, 3), (2, 3), (3, 2), (0, 1), (2, 1)),
    ((3, 1, 1, 1), (1, 1), (1, 1), (1, 1), (0, 0), (1, 1)),
    ((1, 2, 6, 5), (3, 3), (2, 2), (2, 2), (0, 0), (1, 1)),  # rounded up: the last window is cut off
]


def max_reference(x, g, out, kernel, stride, padding, dilation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y, index and dx."""
    y, index = np.empty((*x.shape[:2], *out), x.dtype), np.empty((*x.shape[:2], *out), np.int32)
    dx = np.zeros(x.shape)
    for n, c, p, q in np.ndindex(y.shape):
        rows = [h for h in p * stride[0] - padding[0] + dilation[0] * np.arange(kernel[0]) if 0 <= h < x.shape[2]]
        columns = [w for w in q * stride[1] - padding[1] + dilation[1] * np.arange(kernel[1]) if 0 <= w < x.shape[3]]
        window = x[n, c][np.ix_(rows, columns)]
        row, column = np.unravel_index(window.argmax(), window.shape)  # argmax: the first NaN, else the first largest
        y[n, c, p, q] = window[row, column]
        index[n, c, p, q] = rows[row] * x.shape[3] + columns[column]
        dx[n, c, rows[row], columns[column]] += g[n, c, p, q]
    return y, index, dx


def max_pool(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape, out, *geometry in MAX_SHAPES[:1] if small else MAX_SHAPES:
        x = np.round(random(shape, real), 1)  # with equal elements
        if not small:
            x[0, 0, 0, :2] = np.nan
        g = random((*shape[:2], *out), real, 1)
        y_expected, index_expected, dx_expected = max_reference(x, g, out, *geometry)
        y, index = pool_cuda.max_pool_forward(device, device.to_device(x), out, *geometry)
        name = f"{shape} {out} {geometry}"
        yield exact(f"max_pool y {name}", device, y, y_expected)
        yield exact(f"max_pool index {name}", device, index, index_expected)
        dx = pool_cuda.max_pool_backward(device, device.to_device(g), index, shape[2:], *geometry)
        yield close(f"max_pool dx {name}", device, dx, dx_expected, TOLERANCES[real])


# x shape, output size, kernel, stride, padding
AVERAGE_SHAPES = [
    ((2, 3, 9, 8), (5, 4), (3, 2), (2, 2), (1, 0)),
    ((1, 2, 16, 33), (16, 17), (3, 3), (1, 2), (1, 1)),
    ((2, 2, 7, 5), (1, 1), (7, 5), (7, 5), (0, 0)),
    ((1, 2, 6, 5), (4, 3), (2, 3), (2, 2), (1, 1)),  # rounded up: a window beyond the padding
]


def average_reference(x, g, out, kernel, stride, padding, count_padding) -> tuple[np.ndarray, np.ndarray]:
    """y and dx."""
    y, dx = np.empty((*x.shape[:2], *out)), np.zeros(x.shape)
    for p, q in np.ndindex(out):
        top, left = p * stride[0] - padding[0], q * stride[1] - padding[1]
        inside = np.s_[:, :, max(top, 0) : top + kernel[0], max(left, 0) : left + kernel[1]]
        bottom, right = min(top + kernel[0], x.shape[2] + padding[0]), min(left + kernel[1], x.shape[3] + padding[1])
        divisor = (bottom - top) * (right - left) if count_padding else x[inside][0, 0].size
        y[:, :, p, q] = x[inside].sum((2, 3)) / divisor
        dx[inside] += g[:, :, p, q, None, None] / divisor
    return y, dx


def average_pool(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape, out, *geometry in AVERAGE_SHAPES[:1] if small else AVERAGE_SHAPES:
        for count_padding in (False, True):
            x, g = random(shape, real), random((*shape[:2], *out), real, 1)
            expected = average_reference(x.astype(np.float64), g.astype(np.float64), out, *geometry, count_padding)
            name = f"{shape} {out} {geometry} {count_padding}"
            y = pool_cuda.average_pool_forward(device, device.to_device(x), out, *geometry, count_padding)
            yield close(f"average_pool y {name}", device, y, expected[0], TOLERANCES[real])
            dx = pool_cuda.average_pool_backward(device, device.to_device(g), shape[2:], *geometry, count_padding)
            yield close(f"average_pool dx {name}", device, dx, expected[1], TOLERANCES[real])
