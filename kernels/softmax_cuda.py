"""Launches of softmax.cu and cross_entropy.cu, over the rows of x [rows, width]."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array

from .launch import Device, blocks_for, load_kernels

ROWS_PER_BLOCK = 8


def softmax_forward(device: Device, x: Array, log: bool = False) -> Array:
    """y, the softmax of each row or its logarithm."""
    y = device.empty(x.shape, str(x.dtype))
    _launch(device, "softmax.cu", "log_softmax_forward" if log else "softmax_forward", x, (x, y))
    return y


def softmax_backward(device: Device, g: Array, y: Array, log: bool = False) -> Array:
    """dx from the gradient g of y."""
    dx = device.empty(y.shape, str(y.dtype))
    _launch(device, "softmax.cu", "log_softmax_backward" if log else "softmax_backward", y, (g, y, dx))
    return dx


def cross_entropy_forward(device: Device, x: Array, labels: Array, bad_label: Array) -> tuple[Array, Array]:
    """The loss of each row, and the logarithm of its sum of exponentials for the backward pass.

    labels: int64 [rows]; bad_label: uint32 [1], becomes 1 where a label is outside [0, width)
    """
    loss, log_sum = (device.empty((x.shape[0],), str(x.dtype)) for _ in range(2))
    _launch(device, "cross_entropy.cu", "cross_entropy_forward", x, (x, labels, loss, log_sum, bad_label))
    return loss, log_sum


def cross_entropy_backward(device: Device, g: Array, x: Array, labels: Array, log_sum: Array) -> Array:
    """dx from the gradient g [rows] of the losses."""
    dx = device.empty(x.shape, str(x.dtype))
    _launch(device, "cross_entropy.cu", "cross_entropy_backward", x, (g, x, labels, log_sum, dx))
    return dx


def _launch(device: Device, source: str, name: str, x: Array, arrays: tuple[Any, ...]) -> None:
    rows, width = x.shape
    if rows * width:
        grid = (blocks_for(rows, ROWS_PER_BLOCK),)
        load_kernels(device, source, str(x.dtype)).launch(name, grid, (32 * ROWS_PER_BLOCK,), *arrays, rows, width)
