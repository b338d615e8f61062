"""Launches of cross_entropy.cu. Notation: x [N, C], t int64 [N] labels, ignored: the label that counts nothing."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.loss.cross_entropy_pair import cross_entropy_pair

from ..launch import Device, blocks_for, load_kernels
from ..sizes import check_size
from ..slots import dense, dense_or_none, device_of, flag_of, register

ROWS_PER_BLOCK = 8
THREADS = 256


def cross_entropy_forward(
    device: Device,
    x: Array,
    t: Array,
    ignored: int,
    bad_label: Array,
    w: Array | None = None,
    smoothing: float = 0.0,
    reduction: str = "mean",
    logs: bool = False,
) -> tuple[Array, Array | None, Array | None]:
    """The losses [N], their sum or mean (0-d), and for the backward pass total [1] and sums [N, 2].

    w:     [C] weights of the classes; logs: x are log-probabilities
    total: of a mean, the sum of the weights of the labels that count
    sums:  of logits, the largest x of each row, and the logarithm of the sum of e^(x - largest)
    bad_label: uint32 [1], becomes 1 where a label is outside
    """
    (rows, width), dtype = x.shape, dtype_name(x)
    check_size("cross_entropy", "elements in a row", width)
    blocks = blocks_for(rows, ROWS_PER_BLOCK) if rows else 0
    partial, sums = device.empty((blocks, 2), dtype), None if logs else device.empty((rows, 2), dtype)
    y = device.empty((rows,) if reduction == "none" else (), dtype)
    total = device.empty((1,), dtype) if reduction == "mean" else None
    kernels = load_kernels(device, "cross_entropy.cu", dtype)
    if rows:
        arrays = (x, t, w, y if reduction == "none" else None, partial, sums, bad_label)
        numbers = (rows, width, ignored, smoothing)
        kernels.launch("cross_entropy_forward", (blocks,), (THREADS,), *arrays, *numbers)
    if reduction != "none":
        kernels.launch("cross_entropy_total", (1,), (THREADS,), partial, y, total, blocks)
    return y, total, sums


def cross_entropy_backward(
    device: Device,
    g: Array,
    x: Array,
    t: Array,
    ignored: int,
    total: Array | None,
    sums: Array | None,
    w: Array | None = None,
    smoothing: float = 0.0,
) -> Array:
    """dx from g: [1] of the mean or the sum, or [N] of the losses; total, sums, w and smoothing as forward."""
    (rows, width), dtype = x.shape, dtype_name(x)
    dx = device.empty(x.shape, dtype)
    if rows:
        grid, arrays = (blocks_for(rows, ROWS_PER_BLOCK),), (g, total, x, t, w, sums, dx)
        numbers = (rows, width, ignored, smoothing, 0 if g.size == 1 else 1)
        load_kernels(device, "cross_entropy.cu", dtype).launch(
            "cross_entropy_backward", grid, (THREADS,), *arrays, *numbers
        )
    return dx


@register(cross_entropy_pair)
class cross_entropy_cuda:
    """Every loss of labels in one launch, and one more for a sum or a mean. A wrong label sets the backend's flag."""

    @staticmethod
    def forward(
        x: Array, t: Array, w: Array | None, ignored: int, e: float, reduction: str, logs: bool
    ) -> tuple[Array, Any]:
        xp, x, w = namespaces[type(x)], dense(x), dense_or_none(w)
        labels = dense(xp.astype(t, xp.int64, copy=False))
        y, *kept = cross_entropy_forward(device_of(x), x, labels, ignored, flag_of(x), w, float(e), reduction, logs)
        return y, ((x, labels, ignored, *kept, w, float(e)), reduction == "none")

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        arguments, each = saved
        g = dense(g if each else namespaces[type(g)].reshape(g, (1,)))
        return cross_entropy_backward(device_of(g), g, *arguments), None, None
