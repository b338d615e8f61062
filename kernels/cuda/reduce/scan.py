"""Launches of scan.cu: running results along the middle of x [outer, width, inner]."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.reduce.cumulative import CumsumPair, cumsum_pair
from xdl.functional.reduce.running import (
    LinearScanReference,
    RunningBestReference,
    RunningReference,
    linear_scan_slot,
    running,
    running_best,
)

from ..launch import Device, blocks_for, load_kernels
from ..norm.layer_norm import THREADS, blocks_of, team_of
from ..signature import REALS
from ..sizes import check_size
from ..slots import PRIORITY, dense, device_of, register

LONGEST = 2**16  # elements of a row: one block takes it, and a longer one would keep the other blocks waiting
NAMES = {"prod": "product_", "logsumexp": "log_sum_"}
WIDE, MANY = 32, 4096  # inner and rows from which on a thread takes a row


def running_sum(device: Device, x: Array, reverse: bool) -> Array:
    """y [outer, width, inner], from the end in reverse."""
    dtype = dtype_name(x)
    return _scan(device, (x,), device.empty(x.shape, dtype), dtype, "sum_", "", int(reverse))


def running_values(device: Device, x: Array, operation: str, reverse: bool = False) -> Array:
    """y [outer, width, inner]: products for "prod", logarithms of sums of e^x for "logsumexp"."""
    dtype = dtype_name(x)
    return _scan(device, (x,), device.empty(x.shape, dtype), dtype, NAMES[operation], "", int(reverse))


def linear_recurrence(device: Device, a: Array, b: Array, reverse: bool) -> Array:
    """y of b's shape with y_i = b_i + a_(i-1) y_(i-1), in reverse b_i + a_i y_(i+1); a [outer, width - 1, inner]."""
    dtype = dtype_name(b)
    return _scan(device, (a, b), device.empty(b.shape, dtype), dtype, "linear_", "", int(reverse))


def running_extreme(device: Device, x: Array, largest: bool) -> Array:
    """int64 [outer, width, inner]: indices along width, of a float32, float64 or int64 x."""
    dtype = dtype_name(x)
    y, end = device.empty(x.shape, "int64"), "_real" if dtype in REALS else "_integer"
    return _scan(device, (x,), y, dtype if dtype in REALS else "float32", "best_", end, int(largest))


def _scan(
    device: Device, arrays: tuple[Array, ...], y: Array, real: str, operation: str, end: str, setting: int
) -> Array:
    outer, width, inner = y.shape
    rows, kernels = outer * inner, load_kernels(device, "scan.cu", real)
    check_size("scan", "rows", rows)
    check_size("scan", "elements in a row", width)
    if rows * width:
        numbers = (rows, width, inner, setting)
        if inner >= WIDE and rows >= MANY:
            kernels.launch(f"{operation}columns{end}", (blocks_for(rows, THREADS[0]),), THREADS, *arrays, y, *numbers)
        else:
            warps = team_of(width)
            kernels.launch(f"{operation}rows{end}", blocks_of(rows, warps), THREADS, *arrays, y, *numbers, warps)
    return y


def _short(x: Array, d: int, *_: Any) -> bool:
    return bool(x.shape) and x.shape[d] <= LONGEST


def _short_real(x: Array, d: int, *_: Any) -> bool:
    return dtype_name(x) in REALS and _short(x, d)


def _short_linear(b: Array, a: Array, d: int, *_: Any) -> bool:
    return _short_real(b, d)


@register(cumsum_pair, when=_short_real, why=f"float32 and float64, at most {LONGEST} elements along the dimension")
class cumsum_cuda:
    """y; saved: d and reverse."""

    @staticmethod
    def forward(x: Array, d: int, reverse: bool) -> tuple[Array, Any]:
        return running_sum(device_of(x), _middle(x, d), reverse).reshape(x.shape), (d, reverse)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        d, reverse = saved
        return (running_sum(device_of(g), _middle(g, d), not reverse).reshape(g.shape),)


@register(running, when=_short_real, why=f"float32 and float64, at most {LONGEST} elements along the dimension")
class running_cuda:
    """Products and logarithms of sums."""

    @staticmethod
    def forward(x: Array, d: int, operation: str) -> tuple[Array, Any]:
        return running_values(device_of(x), _middle(x, d), operation).reshape(x.shape), None


@register(linear_scan_slot, when=_short_linear, why=f"at most {LONGEST} elements along the dimension")
class linear_scan_cuda:
    """The recurrence in one launch."""

    @staticmethod
    def forward(b: Array, a: Array, d: int, reverse: bool) -> tuple[Array, Any]:
        return linear_recurrence(device_of(b), _middle(a, d), _middle(b, d), reverse).reshape(b.shape), None


@register(running_best, when=_short, why=f"at most {LONGEST} elements along the dimension")
class running_best_cuda:
    """The indices of floats and integers."""

    @staticmethod
    def forward(x: Array, d: int, largest: bool) -> tuple[Array, Any]:
        xp = namespaces[type(x)]
        numbers = x if dtype_name(x) in REALS else xp.astype(x, xp.int64, copy=False)
        return running_extreme(device_of(x), _middle(numbers, d), largest).reshape(x.shape), None


register(cumsum_pair, priority=PRIORITY - 1)(CumsumPair)
register(running_best, priority=PRIORITY - 1)(RunningBestReference)
register(running, priority=PRIORITY - 1)(RunningReference)
register(linear_scan_slot, priority=PRIORITY - 1)(LinearScanReference)


def _middle(x: Array, d: int) -> Array:
    """x as [outer, width, inner] for width at d."""
    return dense(x).reshape(prod(x.shape[:d]), x.shape[d], prod(x.shape[d + 1 :]))
