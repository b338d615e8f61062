"""Launches of im2col.cu, and the convolution that they make with GEMM.

Notation: N images, C input channels, O output channels, H x W input, KH x KW kernel, P x Q output.
"""

from __future__ import annotations

from math import prod

from xdl.backend import Array

from ..launch import Device, launch_planes

Pair = tuple[int, int]


def output_size(size: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Pair:
    """P and Q: the positions of the kernel in the padded plane."""
    h, w = ((size[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) // stride[i] + 1 for i in (0, 1))
    return h, w


def im2col(device: Device, x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Array:
    """x [N, C, H, W] -> columns [N, C, KH, KW, P, Q]."""
    n, c, h, w = x.shape
    out = output_size((h, w), kernel, stride, padding, dilation)
    columns = device.empty((n, c, *kernel, *out), str(x.dtype))
    positions = columns[:, :, 0, 0]  # a thread writes the whole window of its position
    numbers = (h, w, *kernel, *out, *stride, *padding, *dilation)
    launch_planes(device, "im2col.cu", "im2col", positions, (x, columns), numbers)
    return columns


def col2im(device: Device, columns: Array, size: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Array:
    """columns [N, C, KH, KW, P, Q] -> x [N, C, H, W]: the sum of all column elements that come from each element."""
    n, c, *geometry = columns.shape
    x = device.empty((n, c, *size), str(columns.dtype))
    numbers = (*size, *geometry, *stride, *padding, *dilation)
    launch_planes(device, "im2col.cu", "col2im", x, (columns, x), numbers)
    return x


def conv2d_forward(
    device: Device, x: Array, weight: Array, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """y [N, O, P, Q] from x [N, C, H, W] and weight [O, C / groups, KH, KW], without bias."""
    o, per_group, kh, kw = weight.shape
    columns = im2col(device, x, (kh, kw), stride, padding, dilation)
    n, (p, q) = x.shape[0], columns.shape[4:]
    y = device.empty((n, o, p, q), str(x.dtype))
    rows = per_group * kh * kw
    device.gemm(
        weight.reshape(groups, o // groups, rows),
        columns.reshape(n, groups, rows, p * q),
        y.reshape(n, groups, o // groups, p * q),
    )
    return y


def conv2d_input_gradient(
    device: Device, g: Array, weight: Array, size: Pair, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """dx [N, C, H, W] from the gradient g [N, O, P, Q] of y."""
    n, o, p, q = g.shape
    _, per_group, kh, kw = weight.shape
    rows = per_group * kh * kw
    columns = device.empty((n, groups * per_group, kh, kw, p, q), str(g.dtype))
    device.gemm(
        weight.reshape(groups, o // groups, rows).swapaxes(1, 2),
        g.reshape(n, groups, o // groups, p * q),
        columns.reshape(n, groups, rows, p * q),
    )
    return col2im(device, columns, size, stride, padding, dilation)


def conv2d_weight_gradient(
    device: Device, g: Array, x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """dweight [O, C / groups, KH, KW]: a product per image, added up in the order of the images."""
    n, o, p, q = g.shape
    per_group, rows = x.shape[1] // groups, x.shape[1] // groups * prod(kernel)
    columns = im2col(device, x, kernel, stride, padding, dilation).reshape(n, groups, rows, p * q)
    gradient = device.empty((groups, o // groups, rows), str(g.dtype))
    if not n:
        gradient[...] = 0
    for image in range(n):
        device.gemm(
            g[image].reshape(groups, o // groups, p * q),
            columns[image].swapaxes(1, 2),
            gradient,
            accumulate=image > 0,
        )
    return gradient.reshape(o, per_group, *kernel)
