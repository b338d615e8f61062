"""im2col.cu against slices of a padded plane, and the convolution made with it against the definition."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import numpy as np

from tests.cuda_on_host.cases.check import TOLERANCES, Check, close, exact, random
from xdl.functional.conv.conv import Geometry, output_size
from xdl.kernels.cuda.conv import columns as columns_cuda
from xdl.kernels.cuda.conv import im2col as im2col_cuda
from xdl.kernels.cuda.launch import Device

# x shape, kernel, stride, padding, dilation, groups
SHAPES = [
    ((2, 4, 13, 11), (3, 2), (2, 1), (1, 1), (1, 2), 2),
    ((1, 3, 8, 8), (3, 3), (1, 1), (1, 1), (1, 1), 1),
    ((3, 6, 7, 9), (1, 1), (2, 2), (0, 0), (1, 1), 3),
    ((2, 1, 5, 5), (5, 5), (1, 1), (0, 0), (1, 1), 1),
    ((1, 2, 32, 33), (3, 3), (3, 2), (2, 0), (2, 3), 2),
    ((3, 8, 6, 7), (1, 1), (1, 1), (0, 0), (1, 1), 1),  # x is its own columns; dw is a sum of products
    ((2, 40, 2, 1), (1, 1), (1, 1), (0, 0), (1, 1), 1),  # dw is one product
    ((3, 6, 5, 4), (1, 1), (1, 1), (0, 0), (1, 1), 2),
    ((2, 7, 9, 9), (1, 1), (2, 2), (0, 0), (1, 1), 1),
    ((0, 4, 5, 5), (3, 3), (1, 1), (1, 1), (1, 1), 1),
]
CHUNK = 4000  # bytes: the columns of some of the shapes take one chunk, of some as many as there are images


def window_slices(x: np.ndarray, kernel, stride, padding, dilation) -> np.ndarray:
    """columns [N, C, KH, KW, P, Q] by NumPy slices."""
    p, q = output_size(x.shape[2:], kernel, Geometry(stride, padding, dilation, 1))
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
        geometry = Geometry(stride, padding, dilation, groups)
        name = f"{shape} {kernel} {geometry}"
        x = random(shape, real)
        columns = window_slices(x, kernel, *geometry[:3])
        source = random(columns.shape, real, 2)
        dx_expected = scatter(source.astype(np.float64), shape, *geometry[:3])
        for images_first in (True, False):
            order = (0, 1, 2, 3, 4, 5) if images_first else (1, 2, 3, 0, 4, 5)
            got = im2col_cuda.im2col(device, device.to_device(x), kernel, geometry, images_first)
            yield exact(f"im2col {images_first} {name}", device, got, columns.transpose(order))
            dx = device.empty(shape, real)
            on_device = device.to_device(np.ascontiguousarray(source.transpose(order)))
            im2col_cuda.col2im(device, on_device, dx, kernel, geometry, images_first)
            yield close(f"col2im {images_first} {name}", device, dx, dx_expected, TOLERANCES[real])
        if not small:
            yield from convolution(device, real, x, (2 * groups, shape[1] // groups, *kernel), geometry)


def convolution(device: Device, real: str, x: np.ndarray, shape, geometry: Geometry) -> Iterator[Check]:
    """y, dx and dw by columns, in one chunk and in several. shape: of the weight."""
    kernel, name = shape[2:], f"{x.shape} {shape} {geometry}"
    w, b = random(shape, real, 1), random(shape[:1], real, 4)
    g = random((x.shape[0], shape[0], *output_size(x.shape[2:], kernel, geometry)), real, 3)
    y, dx, dw = reference(x, w, g, *geometry[:4])
    x_there, w_there, b_there, g_there = (device.to_device(a) for a in (x, w, b, g))
    for budget in (columns_cuda.COLUMN_BYTES, CHUNK):
        with mock.patch.object(columns_cuda, "COLUMN_BYTES", budget):
            for bias, expected in ((None, y), (b_there, y + b[:, None, None])):
                got = columns_cuda.conv2d_forward(device, x_there, w_there, bias, geometry)
                yield close(f"conv2d {name}", device, got, expected, TOLERANCES[real])
            got = columns_cuda.conv2d_input_gradient(device, g_there, w_there, x.shape[2:], geometry)
            yield close(f"conv2d dx {name}", device, got, dx, TOLERANCES[real])
            got = columns_cuda.conv2d_weight_gradient(device, g_there, x_there, kernel, geometry)
            yield close(f"conv2d dweight {name}", device, got, dw, TOLERANCES[real])
