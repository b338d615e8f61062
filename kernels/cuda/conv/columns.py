"""Convolution as matrix products, by columns (im2col.cu) and the device's BLAS.

Notation: N images, C input channels, O filters, G groups, P x Q output, S = P * Q, rows = C / G * KH * KW.

    G = 1        y[n] = w [O, rows] @ columns[n] [rows, S]      dcolumns[n] = w^T @ g[n]      a stack over images
    G > 1        y [G, O / G, N * S] = w [G, O / G, rows] @ columns [G, rows, N * S]          a stack over groups
    any G        dw [G, O / G, rows] = g [G, O / G, N * S] @ columns^T [G, N * S, rows]       a stack over groups

With more than one group, and for dw, the images lie inside the rows: one call multiplies all images, and the planes of
y and g change their order by planes.cu. Images are taken in chunks whose columns fit COLUMN_BYTES, as many for every
amount of free memory, so that results do not depend on it.

A 1x1 kernel with stride 1 and without padding has x itself as its columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from xdl.backend import Array, dtype_name
from xdl.functional.conv.conv import Geometry, output_size

from ..launch import Device
from ..reduce.column_sum import column_sum
from .im2col import Pair, col2im, empty_columns, im2col
from .planes import add_bias, swap_planes

COLUMN_BYTES = 256 << 20


def chunks(images: int, bytes_an_image: int) -> Iterator[slice]:
    """Ranges of images whose columns take at most COLUMN_BYTES together; at least one image each."""
    step = max(1, COLUMN_BYTES // max(1, bytes_an_image))
    return (slice(begin, min(begin + step, images)) for begin in range(0, images, step))


def conv2d_forward(device: Device, x: Array, w: Array, bias: Array | None, geometry: Geometry) -> Array:
    """y [N, O, P, Q] from x [N, C, H, W] and w [O, C / G, KH, KW]."""
    (n, c), (o, per_group, *kernel), groups = x.shape[:2], w.shape, geometry.groups
    p, q = output_size(x.shape[2:], kernel, geometry)
    y = device.empty((n, o, p, q), dtype_name(x))
    rows = per_group * prod(kernel)
    filters = w.reshape(groups, o // groups, rows)
    if groups > 1:
        for part in chunks(n, _column_bytes(w, c, p * q)):
            _forward_of_groups(device, x[part], filters, bias, y[part], kernel, geometry)
        return y
    if is_pointwise(kernel, geometry):
        device.gemm(filters, x.reshape(n, c, p * q), y.reshape(n, o, p * q))
    else:
        for part in chunks(n, _column_bytes(w, c, p * q)):
            columns = im2col(device, x[part], kernel, geometry)
            images = len(columns)
            device.gemm(filters, columns.reshape(images, rows, p * q), y[part].reshape(images, o, p * q))
            del columns  # before the next ones are made
    if bias is not None:
        add_bias(device, y, bias)
    return y


def _forward_of_groups(
    device: Device, x: Array, filters: Array, bias: Array | None, y: Array, kernel: Pair, geometry: Geometry
) -> None:
    n, o, p, q = y.shape
    groups, _, rows = filters.shape
    columns = im2col(device, x, kernel, geometry, images_first=False)
    product = device.empty((o, n, p, q), dtype_name(x))
    device.gemm(filters, columns.reshape(groups, rows, n * p * q), product.reshape(groups, o // groups, n * p * q))
    swap_planes(device, product, y, bias)


def conv2d_input_gradient(device: Device, g: Array, w: Array, size: Pair, geometry: Geometry) -> Array:
    """dx [N, C, H, W] from the gradient g [N, O, P, Q] of y. size: H and W."""
    (n, o, p, q), (_, per_group, *kernel), groups = g.shape, w.shape, geometry.groups
    dx = device.empty((n, groups * per_group, *size), dtype_name(g))
    transposed = w.reshape(groups, o // groups, per_group * prod(kernel)).swapaxes(1, 2)
    if groups == 1 and is_pointwise(kernel, geometry):
        device.gemm(transposed, g.reshape(n, o, p * q), dx.reshape(n, per_group, p * q))
        return dx
    for part in chunks(n, _column_bytes(w, groups * per_group, p * q)):
        _input_gradient(device, g[part], transposed, dx[part], kernel, geometry)
    return dx


def _input_gradient(device: Device, g: Array, transposed: Array, dx: Array, kernel: Pair, geometry: Geometry) -> None:
    n, o, p, q = g.shape
    groups, rows, _ = transposed.shape
    columns = empty_columns(device, g, dx.shape[:2], kernel, (p, q), groups == 1)
    if groups == 1:
        device.gemm(transposed, g.reshape(n, o, p * q), columns.reshape(n, rows, p * q))
    else:
        stack = _filters_first(device, g).reshape(groups, o // groups, n * p * q)
        device.gemm(transposed, stack, columns.reshape(groups, rows, n * p * q))
    col2im(device, columns, dx, kernel, geometry, groups == 1)


def conv2d_weight_gradient(device: Device, g: Array, x: Array, kernel: Pair, geometry: Geometry) -> Array:
    """dw [O, C / G, KH, KW]. The products of chunks are added up in the order of the images."""
    (n, o, p, q), c, groups = g.shape, x.shape[1], geometry.groups
    rows = c // groups * prod(kernel)
    if is_pointwise(kernel, geometry) and o * rows <= (o + c) * p * q:
        return _sum_of_products(device, g, x, groups).reshape(o, rows, 1, 1)
    dw = device.empty((groups, o // groups, rows), dtype_name(g))
    if not n:
        dw[...] = 0
    for part in chunks(n, (groups * rows + o) * p * q * g.dtype.itemsize):
        inner = (part.stop - part.start) * p * q
        columns = im2col(device, x[part], kernel, geometry, images_first=False).reshape(groups, rows, inner)
        stack = _filters_first(device, g[part]).reshape(groups, o // groups, inner)
        device.gemm(stack, columns.swapaxes(1, 2), dw, accumulate=part.start > 0)
        del columns, stack  # before the next ones are made
    return dw.reshape(o, c // groups, *kernel)


def _sum_of_products(device: Device, g: Array, x: Array, groups: int) -> Array:
    """dw of a 1x1 kernel: a product for each image and group, then their sum. No more memory than x and g take."""
    (n, o, p, q), c = g.shape, x.shape[1]
    rows = c // groups
    products = device.empty((n * groups, o // groups, rows), dtype_name(g))
    by_group = x.reshape(n * groups, rows, p * q).swapaxes(1, 2)
    device.gemm(g.reshape(n * groups, o // groups, p * q), by_group, products)
    return column_sum(device, products.reshape(n, o * rows))


def is_pointwise(kernel: Pair, geometry: Geometry) -> bool:
    """Whether the columns of x are x itself."""
    return tuple(kernel) == geometry.stride == (1, 1) and geometry.padding == (0, 0)


def _filters_first(device: Device, g: Array) -> Array:
    """g [N, O, P, Q] as [O, N, P, Q]."""
    n, o, *out = g.shape
    if n == 1 or o == 1:
        return g.reshape(o, n, *out)
    swapped = device.empty((o, n, *out), dtype_name(g))
    swap_planes(device, g, swapped)
    return swapped


def _column_bytes(w: Array, channels: int, positions: int) -> int:
    """What an image's columns take, and its product in the order of groups."""
    return int((channels * prod(w.shape[2:]) + w.shape[0]) * positions * w.dtype.itemsize)
