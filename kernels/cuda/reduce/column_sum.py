"""Launches of column_sum.cu: bias gradients of linear layers, recurrent layers and convolutions."""

from __future__ import annotations

from xdl.backend import Array, dtype_name

from ..launch import Device, blocks_for, load_kernels
from ..sizes import MAX_GRID_YZ, check_size

ROWS_PER_SLICE = 512
ELEMENTS_PER_SLICE = 8192


def column_sum(device: Device, a: Array) -> Array:
    """The sum over the rows of a [rows, columns]: [columns]."""
    rows, columns = a.shape
    check_size("column_sum", "columns", columns)
    length, slices = row_slices(rows)
    sums = device.empty((slices, columns), dtype_name(a))
    if columns:
        kernels = load_kernels(device, "column_sum.cu", dtype_name(a))
        grid = (blocks_for(columns, 32), slices)
        kernels.launch("column_sum", grid, (32, 8), a, sums, rows, columns, length)
    return sums.reshape(columns) if slices == 1 else column_sum(device, sums)


def channel_sum(device: Device, g: Array) -> Array:
    """The sum over N and all positions of g [N, C, ...]: [C]."""
    images, channels, positions = channel_layout(g)
    length, slices = slicing(images * positions)
    sums = device.empty((slices, channels), dtype_name(g))
    if channels:
        kernels = load_kernels(device, "column_sum.cu", dtype_name(g))
        kernels.launch("channel_sum", (channels, slices), (256,), g, sums, images, channels, positions, length)
    return sums.reshape(channels) if slices == 1 else column_sum(device, sums)


def channel_layout(x: Array) -> tuple[int, int, int]:
    """x [N, C, ...] as N images, C channels and the positions of a channel; 0, C and 1 where there are no positions."""
    images, channels = x.shape[:2]
    positions = 1
    for size in x.shape[2:]:
        positions *= size
    return (images, channels, positions) if positions else (0, channels, 1)


def row_slices(rows: int) -> tuple[int, int]:
    """The length of a slice of rows, and how many there are."""
    return _slices(rows, ROWS_PER_SLICE)


def slicing(elements: int) -> tuple[int, int]:
    """The length of a slice of a channel, and how many there are."""
    return _slices(elements, ELEMENTS_PER_SLICE)


def _slices(count: int, length: int) -> tuple[int, int]:
    """The length and the number of slices of `count` items: longer ones where a grid would have too many of them."""
    length = max(length, -(-count // MAX_GRID_YZ))
    return length, blocks_for(count, length)
