"""Launches of softmax.cu and cross_entropy.cu, over the rows of x [rows, width]."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional.loss.cross_entropy import cross_entropy_pair
from xdl.functional.reduce.softmax import log_softmax_pair, softmax_pair

from ..launch import Device, blocks_for, load_kernels
from ..sizes import check_size
from ..slots import dense, device_of, flag_of, register

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
    """The loss of each row, and for the backward pass sums [rows, 2]: the largest x, log of the sum of e^(x - largest).

    labels: int64 [rows]; bad_label: uint32 [1], becomes 1 where a label is outside [0, width)
    """
    loss, sums = device.empty((x.shape[0],), str(x.dtype)), device.empty((x.shape[0], 2), str(x.dtype))
    _launch(device, "cross_entropy.cu", "cross_entropy_forward", x, (x, labels, loss, sums, bad_label))
    return loss, sums


def cross_entropy_backward(device: Device, g: Array, x: Array, labels: Array, sums: Array) -> Array:
    """dx from the gradient g [rows] of the losses."""
    dx = device.empty(x.shape, str(x.dtype))
    _launch(device, "cross_entropy.cu", "cross_entropy_backward", x, (g, x, labels, sums, dx))
    return dx


def _launch(device: Device, source: str, name: str, x: Array, arrays: tuple[Any, ...]) -> None:
    rows, width = x.shape
    check_size(name, "elements in a row", width)
    if rows * width:
        grid = (blocks_for(rows, ROWS_PER_BLOCK),)
        load_kernels(device, source, str(x.dtype)).launch(name, grid, (32 * ROWS_PER_BLOCK,), *arrays, rows, width)


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


@register(cross_entropy_pair)
class cross_entropy_cuda:
    """The mean loss over the labels that count; saved: x, labels, the sums of the rows, and which count.

    An ignored label is replaced by 0 and its row weighs nothing. A wrong label sets the backend's flag.
    """

    @staticmethod
    def forward(x: Array, t: Array, ignored: int) -> tuple[Array, Any]:
        xp, x = namespaces[type(x)], dense(x)
        kept = t != ignored
        labels = dense(xp.where(kept, xp.astype(t, xp.int64), xp.zeros_like(t, dtype=xp.int64)))
        loss, sums = cross_entropy_forward(device_of(x), x, labels, flag_of(x))
        count = xp.sum(xp.astype(kept, x.dtype))
        y = xp.sum(xp.where(kept, loss, xp.zeros_like(loss))) / count
        return y, (x, labels, sums, kept, count)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, labels, sums, kept, count = saved
        xp = namespaces[type(x)]
        shares = dense(xp.where(kept, xp.broadcast_to(g / count, kept.shape), xp.zeros_like(kept, dtype=x.dtype)))
        dx = cross_entropy_backward(device_of(x), shares, x, labels, sums)
        return dx, None, None
