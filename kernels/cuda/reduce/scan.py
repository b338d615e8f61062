"""Launches of scan.cu: running sums and indices of running extremes along the middle of x [outer, width, inner]."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.reduce.cumulative import CumsumPair, cumsum_pair
from xdl.functional.reduce.running import RunningBestReference, running_best

from ..launch import Device, blocks_for, load_kernels
from ..norm.layer_norm import THREADS, blocks_of, team_of
from ..signature import REALS
from ..sizes import check_size
from ..slots import PRIORITY, dense, device_of, register

LONGEST = 2**16  # elements of a row: one block takes it, and a longer one would keep the other blocks waiting
WIDE, MANY = 32, 4096  # inner and rows from which on a thread takes a row


def running_sum(device: Device, x: Array, reverse: bool) -> Array:
    """y [outer, width, inner], from the end in reverse."""
    dtype = dtype_name(x)
    return _scan(device, x, device.empty(x.shape, dtype), dtype, "sum_", "", int(reverse))


def running_extreme(device: Device, x: Array, largest: bool) -> Array:
    """int64 [outer, width, inner]: indices along width, of a float32, float64 or int64 x."""
    dtype = dtype_name(x)
    y, end = device.empty(x.shape, "int64"), "_real" if dtype in REALS else "_integer"
    return _scan(device, x, y, dtype if dtype in REALS else "float32", "best_", end, int(largest))


def _scan(device: Device, x: Array, y: Array, real: str, operation: str, end: str, setting: int) -> Array:
    outer, width, inner = x.shape
    rows, kernels = outer * inner, load_kernels(device, "scan.cu", real)
    check_size("scan", "rows", rows)
    check_size("scan", "elements in a row", width)
    if rows * width:
        numbers = (rows, width, inner, setting)
        if inner >= WIDE and rows >= MANY:
            kernels.launch(f"{operation}columns{end}", (blocks_for(rows, THREADS[0]),), THREADS, x, y, *numbers)
        else:
            warps = team_of(width)
            kernels.launch(f"{operation}rows{end}", blocks_of(rows, warps), THREADS, x, y, *numbers, warps)
    return y


def _short(x: Array, d: int, *_: Any) -> bool:
    return bool(x.shape) and x.shape[d] <= LONGEST


def _short_real(x: Array, d: int, *_: Any) -> bool:
    return dtype_name(x) in REALS and _short(x, d)


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


def _middle(x: Array, d: int) -> Array:
    """x as [outer, width, inner] for width at d."""
    return dense(x).reshape(prod(x.shape[:d]), x.shape[d], prod(x.shape[d + 1 :]))
