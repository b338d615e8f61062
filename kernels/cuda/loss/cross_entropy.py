"""Launches of cross_entropy.cu. Notation: x [N, C], t int64 [N] labels, ignored: the label that counts nothing."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.loss.cross_entropy import cross_entropy_pair

from ..launch import Device, blocks_for, load_kernels
from ..sizes import check_size
from ..slots import dense, device_of, flag_of, register

ROWS_PER_BLOCK = 8
THREADS = 256


def cross_entropy_forward(
    device: Device, x: Array, t: Array, ignored: int, bad_label: Array
) -> tuple[Array, Array, Array]:
    """The mean loss (0-d), and for the backward pass count [1], how many labels count, and sums [N, 2] of the rows.

    sums: the largest x, log of the sum of e^(x - largest); bad_label: uint32 [1], becomes 1 where a label is outside
    """
    (rows, width), dtype = x.shape, dtype_name(x)
    check_size("cross_entropy", "elements in a row", width)
    blocks = blocks_for(rows, ROWS_PER_BLOCK) if rows else 0
    partial, sums = device.empty((blocks, 2), dtype), device.empty((rows, 2), dtype)
    y, count = device.empty((), dtype), device.empty((1,), dtype)
    kernels = load_kernels(device, "cross_entropy.cu", dtype)
    if rows:
        arguments = (x, t, partial, sums, bad_label, rows, width, ignored)
        kernels.launch("cross_entropy_forward", (blocks,), (THREADS,), *arguments)
    kernels.launch("cross_entropy_mean", (1,), (THREADS,), partial, y, count, blocks)
    return y, count, sums


def cross_entropy_backward(
    device: Device, g: Array, x: Array, t: Array, ignored: int, count: Array, sums: Array
) -> Array:
    """dx from the gradient g [1] of the mean loss."""
    (rows, width), dtype = x.shape, dtype_name(x)
    dx = device.empty(x.shape, dtype)
    if rows:
        grid, arguments = (blocks_for(rows, ROWS_PER_BLOCK),), (g, count, x, t, sums, dx, rows, width, ignored)
        load_kernels(device, "cross_entropy.cu", dtype).launch("cross_entropy_backward", grid, (THREADS,), *arguments)
    return dx


@register(cross_entropy_pair)
class cross_entropy_cuda:
    """The mean loss over the labels that count. A wrong label sets the backend's flag."""

    @staticmethod
    def forward(x: Array, t: Array, ignored: int) -> tuple[Array, Any]:
        xp, x = namespaces[type(x)], dense(x)
        labels = dense(xp.astype(t, xp.int64, copy=False))
        y, count, sums = cross_entropy_forward(device_of(x), x, labels, ignored, flag_of(x))
        return y, (x, labels, ignored, count, sums)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, one = saved[0], namespaces[type(saved[0])].reshape(g, (1,))
        return cross_entropy_backward(device_of(x), dense(one), *saved), None, None
