"""Launches of max_pool.cu and average_pool.cu. Notation: x [N, C, H, W], y [N, C, P, Q], g the gradient of y."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.conv.conv import Geometry, output_size
from xdl.functional.conv.pool import avg_pool2d_pair, max_pool2d_pair

from ..launch import Device, launch_planes
from ..sizes import check_windows
from ..slots import dense, device_of, register

Pair = tuple[int, int]


def max_pool_forward(
    device: Device, x: Array, out: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> tuple[Array, Array]:
    """y and the index h * W + w (int32) of each maximum in its plane. out: P and Q."""
    check_windows("max_pool", x.shape[2:], out, padding)
    y = device.empty((*x.shape[:2], *out), dtype_name(x))
    index = device.empty(y.shape, "int32")
    numbers = (*x.shape[2:], *kernel, *out, *stride, *padding, *dilation)
    launch_planes(device, "max_pool.cu", "max_pool_forward", y, (x, y, index), numbers)
    return y, index


def max_pool_backward(
    device: Device, g: Array, index: Array, size: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> Array:
    """dx. size: H and W."""
    dx = device.empty((*g.shape[:2], *size), dtype_name(g))
    numbers = (*size, *kernel, *g.shape[2:], *stride, *padding, *dilation)
    launch_planes(device, "max_pool.cu", "max_pool_backward", dx, (g, index, dx), numbers)
    return dx


def average_pool_forward(
    device: Device, x: Array, out: Pair, kernel: Pair, stride: Pair, padding: Pair, count_padding: bool
) -> Array:
    """y. out: P and Q."""
    check_windows("average_pool", x.shape[2:], out, padding)
    y = device.empty((*x.shape[:2], *out), dtype_name(x))
    numbers = (*x.shape[2:], *kernel, *out, *stride, *padding, int(count_padding))
    launch_planes(device, "average_pool.cu", "average_pool_forward", y, (x, y), numbers)
    return y


def average_pool_backward(
    device: Device, g: Array, size: Pair, kernel: Pair, stride: Pair, padding: Pair, count_padding: bool
) -> Array:
    """dx. size: H and W."""
    dx = device.empty((*g.shape[:2], *size), dtype_name(g))
    numbers = (*size, *kernel, *g.shape[2:], *stride, *padding, int(count_padding))
    launch_planes(device, "average_pool.cu", "average_pool_backward", dx, (g, dx), numbers)
    return dx


@register(max_pool2d_pair)
class max_pool2d_cuda:
    """y; saved: the index of each maximum."""

    @staticmethod
    def forward(x: Array, kernel: Pair, geometry: Geometry) -> tuple[Array, Any]:
        out = output_size(x.shape[2:], kernel, geometry)
        settings = (kernel, geometry.stride, geometry.padding, geometry.dilation)
        y, index = max_pool_forward(device_of(x), dense(x), out, *settings)
        return y, (index, x.shape[2:], settings)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        index, size, settings = saved
        return (max_pool_backward(device_of(g), dense(g), index, size, *settings),)


def _close(x: Array, kernel: Pair, geometry: Geometry) -> bool:
    return geometry.dilation == (1, 1)


@register(avg_pool2d_pair, when=_close, why="no dilation")
class avg_pool2d_cuda:
    """y, padding counted as zeros; saved: the sizes."""

    @staticmethod
    def forward(x: Array, kernel: Pair, geometry: Geometry) -> tuple[Array, Any]:
        out = output_size(x.shape[2:], kernel, geometry)
        settings = (kernel, geometry.stride, geometry.padding, True)
        return average_pool_forward(device_of(x), dense(x), out, *settings), (x.shape[2:], settings)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        size, settings = saved
        return (average_pool_backward(device_of(g), dense(g), size, *settings),)
