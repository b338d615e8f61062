"""Launches of depthwise.cu: convolution where every input channel is a group of its own.

Notation: x [N, C, H, W], w [O, 1, KH, KW], y and its gradient g [N, O, P, Q]; O a multiple of C.
"""

from __future__ import annotations

from math import prod

from xdl.backend import Array, dtype_name
from xdl.functional.conv.conv import Geometry, output_size

from ..launch import Device, launch_planes, load_kernels
from ..reduce.column_sum import column_sum, slicing
from ..sizes import check_windows

Pair = tuple[int, int]


def depthwise_forward(device: Device, x: Array, w: Array, bias: Array | None, geometry: Geometry) -> Array:
    """y."""
    kernel = w.shape[2:]
    y = device.empty((x.shape[0], w.shape[0], *output_size(x.shape[2:], kernel, geometry)), dtype_name(x))
    numbers = _numbers(x.shape, y.shape, kernel, geometry)
    launch_planes(device, "depthwise.cu", "depthwise_forward", y, (x, w, bias, y), numbers)
    return y


def depthwise_input_gradient(device: Device, g: Array, w: Array, size: Pair, geometry: Geometry) -> Array:
    """dx. size: H and W."""
    dx = device.empty((g.shape[0], geometry.groups, *size), dtype_name(g))
    numbers = _numbers(dx.shape, g.shape, w.shape[2:], geometry)
    launch_planes(device, "depthwise.cu", "depthwise_input_gradient", dx, (g, w, dx), numbers)
    return dx


def depthwise_weight_gradient(device: Device, g: Array, x: Array, kernel: Pair, geometry: Geometry) -> Array:
    """dw, summed in slices of a fixed length."""
    filters = g.shape[1]
    elements = g.shape[0] * prod(g.shape[2:])
    length, slices = slicing(elements)
    partial = device.empty((slices, filters * prod(kernel)), dtype_name(g))
    numbers = (elements, length, *_numbers(x.shape, g.shape, kernel, geometry))
    kernels = load_kernels(device, "depthwise.cu", dtype_name(g))
    kernels.launch("depthwise_weight_gradient", (filters, slices), (256,), g, x, partial, *numbers)
    return column_sum(device, partial).reshape(filters, 1, *kernel)


def _numbers(x: tuple[int, ...], y: tuple[int, ...], kernel: Pair, geometry: Geometry) -> tuple[int, ...]:
    """The arguments that all three kernels share, from the shapes of x and y."""
    check_windows("depthwise", x[2:], y[2:], geometry.padding)
    filters = y[1]
    walk = (*x[2:], *kernel, *y[2:], *geometry.stride, *geometry.padding, *geometry.dilation)
    return filters, filters // x[1], *walk
