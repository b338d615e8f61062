"""Launches of softmax.cu, over the rows of x [rows, width]."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.reduce.softmax import log_softmax_pair, softmax_pair

from ..launch import Device, blocks_for, load_kernels
from ..sizes import check_size
from ..slots import dense, device_of, register

ROWS_PER_BLOCK = 8


def softmax_forward(device: Device, x: Array, log: bool = False) -> Array:
    """y, the softmax of each row or its logarithm."""
    y = device.empty(x.shape, dtype_name(x))
    _launch(device, "log_softmax_forward" if log else "softmax_forward", x, (x, y))
    return y


def softmax_backward(device: Device, g: Array, y: Array, log: bool = False) -> Array:
    """dx from the gradient g of y."""
    dx = device.empty(y.shape, dtype_name(y))
    _launch(device, "log_softmax_backward" if log else "softmax_backward", y, (g, y, dx))
    return dx


def _launch(device: Device, name: str, x: Array, arrays: tuple[Any, ...]) -> None:
    rows, width = x.shape
    check_size(name, "elements in a row", width)
    if rows * width:
        grid = (blocks_for(rows, ROWS_PER_BLOCK),)
        load_kernels(device, "softmax.cu", dtype_name(x)).launch(
            name, grid, (32 * ROWS_PER_BLOCK,), *arrays, rows, width
        )


class _RowwisePair:
    """Softmax or its logarithm along any dimension: the dimension is brought last, and back; saved: y and dim."""

    log = False

    @classmethod
    def forward(cls, x: Array, dim: int) -> tuple[Array, Any]:
        rows, moved = _rows(x, dim)
        y = softmax_forward(device_of(x), rows, cls.log)
        return _back(y, moved, dim, x.shape), (y, moved, dim)

    @classmethod
    def backward(cls, g: Array, saved: Any, needs: Any) -> tuple[Array]:  # noqa: ARG003
        y, moved, dim = saved
        return (_back(softmax_backward(device_of(g), _rows(g, dim)[0], y, cls.log), moved, dim, g.shape),)


def _rows(x: Array, dim: int) -> tuple[Array, tuple[int, ...]]:
    """x with dim last, as rows, and the shape before the rows were merged; a 0-d x is a row of one."""
    last = dense(namespaces[type(x)].moveaxis(x.reshape(x.shape or (1,)), dim, -1))
    return last.reshape(prod(last.shape[:-1]), last.shape[-1]), last.shape


def _back(rows: Array, moved: tuple[int, ...], dim: int, shape: tuple[int, ...]) -> Array:
    return dense(namespaces[type(rows)].moveaxis(rows.reshape(moved), -1, dim)).reshape(shape)


@register(softmax_pair)
class softmax_cuda(_RowwisePair):
    """y = softmax(x) along dim."""


@register(log_softmax_pair)
class log_softmax_cuda(_RowwisePair):
    """y = log softmax(x) along dim."""

    log = True
