"""Launches of channels_last.cu and conv_tf32.cu: convolution forward on tensor cores.

Notation: x [N, H, W, C], weight [O, KH, KW, C], y [N, O, P, Q]; C a multiple of 4, one group, float32.
"""

from __future__ import annotations

from math import prod

from xdl.backend import Array
from xdl.errors import ShapeError
from xdl.functional.conv.conv import Geometry, output_size

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..sizes import LARGEST, MAX_GRID_YZ, check_size, check_windows

ROWS, CHANNELS, DEPTH, STAGES = 128, 64, 16, 3  # as in the .cu file
SHARED_BYTES = STAGES * (ROWS + CHANNELS) * DEPTH * 4
TILE, ROWS_AT_ONCE = 32, 8  # of channels_last.cu


def channels_last(device: Device, x: Array) -> Array:
    """x [N, C, H, W] as [N, H, W, C], rounded to TF32."""
    n, c, *size = x.shape
    positions = prod(size)
    y = device.empty((n, *size, c), "float32")
    if n * c * positions:
        check_size("channels_last", "elements in a plane", positions)
        grid = (blocks_for(positions, TILE) * blocks_for(c, TILE), grid_size(n))
        kernels = load_kernels(device, "channels_last.cu")
        kernels.launch("channels_last_tf32", grid, (TILE, ROWS_AT_ONCE), x, y, n, c, positions)
    return y


def product_fits(x: Array, w: Array, geometry: Geometry) -> bool:
    """Whether the N * P * Q rows, O columns and depth of the product can be counted. x, w with their channels first."""
    rows: int = x.shape[0] * prod(output_size(x.shape[2:], w.shape[2:], geometry))
    filters: int = w.shape[0]
    return max(rows, prod(w.shape[1:])) <= LARGEST and filters <= CHANNELS * MAX_GRID_YZ


def conv_tf32_forward(
    device: Device, x: Array, weight: Array, bias: Array | None, geometry: Geometry, relu: bool
) -> Array:
    """y, with TF32 products, of x and weight rounded to TF32. Raises ShapeError unless C is a multiple of 4."""
    n, h, w, c = x.shape
    o, kh, kw, _ = weight.shape
    if c % 4:
        raise ShapeError("conv_tf32", "a multiple of 4 input channels", c, "Take im2col.")
    p, q = output_size((h, w), (kh, kw), geometry)
    check_windows("conv_tf32", (h, w), (p, q), geometry.padding)
    check_size("conv_tf32", "rows N * P * Q", n * p * q)
    check_size("conv_tf32", "elements in a filter", kh * kw * c)
    y = device.empty((n, o, p, q), "float32")
    if n * p * q * o:
        grid = (blocks_for(n * p * q, ROWS), blocks_for(o, CHANNELS))
        numbers = (n, h, w, c, o, kh, kw, p, q, *geometry.stride, *geometry.padding, *geometry.dilation, int(relu))
        kernels = load_kernels(device, "conv_tf32.cu")
        arguments = (x, weight, bias, y, *numbers)
        kernels.launch("conv_tf32_forward", grid, (256,), *arguments, shared_bytes=SHARED_BYTES)
    return y
