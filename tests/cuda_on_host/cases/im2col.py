"""im2col.cu against slices of a padded plane, and the convolution made with it against the definition."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.kernels.cuda.conv import im2col as im2col_cuda
from xdl.kernels.cuda.launch import Device

# x shape, kernel, stride, padding, dilation, groups
SHAPES = [
    ((2, 4, 13, 11), (3, 2), (2, 1), (1, 1), (1, 2), 2),
    ((1, 3, 8, 8), (3, 3), (1, 1), (1, 1), (1, 1), 1),
    ((3, 6, 7, 9), (1, 1), (2, 2), (0, 0), (1, 1), 3),
    ((2, 1, 5, 5), (5, 5), (1, 1), (0, 0), (1, 1), 1),
    ((1, 2, 32, 33), (3, 3), (3, 2), (2, 0), (2, 3), 2),
]


def window_slices(x: np.ndarray, kernel, stride, padding, dilation) -> np.ndarray:
    """columns [N, C, KH, KW, P, Q] by NumPy slices."""
    p, q = im2col_cuda.output_size(x.shape[2:], kernel, stride, padding, dilation)
    padded = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    columns = np.empty((*x.shape[:2], *kernel, p, q), x.dtype)
    for kh in range(kernel[0]):
        for kw in range(kernel[1]):
            top, left = kh * dilation[0], kw * dilation[1]
            rows, steps = slice(top, top + stride[0] * p, stride[0]), slice(left, left + stride[1] * q, stride[1])
            columns[:, :, kh, kw] = padded[:, :, rows, steps]
    return columns


def reference(x, weight, g, stride, padding, dilation, groups) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y, dx, dweight in float64."""
    x, weight, g = (a.astype(np.float64) for a in (x, weight, g))
    n = x.shape[0]
    o, per_group, *kernel = weight.shape
    columns = window_slices(x, kernel, stride, padding, dilation)
    shape = (n, groups, per_group, *columns.shape[2:])
    by_group = weight.reshape(groups, o // groups, per_group, *kernel)
    g_by_group = g.reshape(n, groups, o // groups, *g.shape[2:])
    y = np.einsum("gocij,ngcijpq->ngopq", by_group, columns.reshape(shape), optimize=True).reshape(g.shape)
    dweight = np.einsum("ngopq,ngcijpq->gocij", g_by_group, columns.reshape(shape), optimize=True)
    dcolumns = np.einsum("gocij,ngopq->ngcijpq", by_group, g_by_group, optimize=True).reshape(columns.shape)
    return y, scatter(dcolumns, x.shape, stride, padding, dilation), dweight.reshape(weight.shape)


def scatter(columns: np.ndarray, shape, stride, padding, dilation) -> np.ndarray:
    """The transpose of window_slices: every column element is added to the element it came from."""
    kh_count, kw_count, p, q = columns.shape[2:]
    padded = np.zeros((*shape[:2], shape[2] + 2 * padding[0], shape[3] + 2 * padding[1]), columns.dtype)
    for kh in range(kh_count):
        for kw in range(kw_count):
            top, left = kh * dilation[0], kw * dilation[1]
            rows, steps = slice(top, top + stride[0] * p, stride[0]), slice(left, left + stride[1] * q, stride[1])
            padded[:, :, rows, steps] += columns[:, :, kh, kw]
    return padded[:, :, padding[0] : padding[0] + shape[2], padding[1] : padding[1] + shape[3]]


def im2col(device: Device, real: str, small: bool) -> Iterator[Check]:
    for shape, kernel, stride, padding, dilation, groups in SHAPES[:1] if small else SHAPES:
        geometry = (stride, padding, dilation)
        name = f"{shape} {kernel} {geometry}"
        x, weight = random(shape, real), random((2 * groups, shape[1] // groups, *kernel), real, 1)
        columns = window_slices(x, kernel, *geometry)
        yield exact(
            f"im2col {name}", device, im2col_cuda.im2col(device, device.to_device(x), kernel, *geometry), columns
        )
        source = random(columns.shape, real, 2)
        dx = im2col_cuda.col2im(device, device.to_device(source), shape[2:], *geometry)
        expected = scatter(source.astype(np.float64), shape, *geometry)
        yield close(f"col2im {name}", device, dx, expected, TOLERANCES[real])
        if small:
            return
        g = random((shape[0], 2 * groups, *columns.shape[4:]), real, 3)
        y, dx_expected, dweight_expected = reference(x, weight, g, *geometry, groups)
        on_device = [device.to_device(a) for a in (x, weight, g)]
        got = im2col_cuda.conv2d_forward(device, *on_device[:2], *geometry, groups)
        yield close(f"conv2d {name}", device, got, y, TOLERANCES[real])
        got = im2col_cuda.conv2d_input_gradient(device, on_device[2], on_device[1], shape[2:], *geometry, groups)
        yield close(f"conv2d dx {name}", device, got, dx_expected, TOLERANCES[real])
        got = im2col_cuda.conv2d_weight_gradient(device, on_device[2], on_device[0], kernel, *geometry, groups)
        yield close(f"conv2d dweight {name}", device, got, dweight_expected, TOLERANCES[real])
