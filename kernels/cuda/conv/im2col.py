"""Launches of im2col.cu: columns of images, and images from columns.

Notation: N images, C input channels, H x W input, KH x KW kernel, P x Q output.
"""

from __future__ import annotations

from math import prod

from xdl.backend import Array, dtype_name
from xdl.functional.conv.conv import Geometry, output_size

from ..launch import Device, launch_planes
from ..sizes import check_windows

Pair = tuple[int, int]


def im2col(device: Device, x: Array, kernel: Pair, geometry: Geometry, images_first: bool = True) -> Array:
    """x [N, C, H, W] -> columns [N, C, KH, KW, P, Q], or [C, KH, KW, N, P, Q] where not images_first."""
    columns = empty_columns(device, x, x.shape[:2], kernel, output_size(x.shape[2:], kernel, geometry), images_first)
    target = columns[:, :, 0, 0] if images_first else columns[:, 0, 0]  # a thread writes the whole window of its place
    numbers = _numbers(x.shape, columns, kernel, geometry, images_first)
    launch_planes(device, "im2col.cu", "im2col", target, (x, columns), numbers)
    return columns


def col2im(
    device: Device, columns: Array, x: Array, kernel: Pair, geometry: Geometry, images_first: bool = True
) -> None:
    """columns as of im2col -> x [N, C, H, W]: the sum of all column elements that come from each element."""
    numbers = _numbers(x.shape, columns, kernel, geometry, images_first)
    launch_planes(device, "im2col.cu", "col2im", x, (columns, x), numbers)


def empty_columns(
    device: Device, like: Array, images_and_channels: Pair, kernel: Pair, out: Pair, images_first: bool
) -> Array:
    """Columns of that order and of like's dtype, not filled. out: P and Q."""
    n, c = images_and_channels
    shape = (n, c, *kernel, *out) if images_first else (c, *kernel, n, *out)
    return device.empty(shape, dtype_name(like))


def _numbers(
    shape: tuple[int, ...], columns: Array, kernel: Pair, geometry: Geometry, images_first: bool
) -> tuple[int, ...]:
    n, c, *size = shape
    out = columns.shape[4:]
    check_windows("im2col", size, out, geometry.padding)
    outputs = prod(out)
    steps = (c * prod(kernel) * outputs, outputs) if images_first else (outputs, n * outputs)
    return c, *steps, *size, *kernel, *out, *geometry.stride, *geometry.padding, *geometry.dilation
