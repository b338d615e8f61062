"""Launches of resample.cu. Notation: x [N, C, n1, ...], y [N, C, m1, ...] with up to three dimensions after C."""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.conv.resample import Rule, resample_pair, taps

from ..launch import Device, launch_planes
from ..slots import dense, device_of, register

DIMS = 3
CODES = {"float32": "f", "float64": "d"}  # of Python's arrays, which a device takes without NumPy
SAME: Rule = ("nearest", 1, 1, 1.0, False)  # of a dimension that is not there
Band = tuple[Array, Array, int]
Rules = tuple[Rule, ...]


def resample(device: Device, x: Array, rules: Rules, adjoint: bool) -> Array:
    """y; in the adjoint from the rules' m to their n."""
    dtype, every = dtype_name(x), ((SAME,) * DIMS + rules)[-DIMS:]
    bands = [band(device, rule, adjoint, dtype) for rule in every]
    sizes, out = [n for _, n, *_ in every], [m for _, _, m, *_ in every]
    if adjoint:
        sizes, out = out, sizes
    y = device.empty((*x.shape[:2], *out[DIMS - len(rules) :]), dtype)
    arrays = (x, y, *(part for spans, weights, _ in bands for part in (spans, weights)))
    launch_planes(device, "resample.cu", "resample", y, arrays, (*sizes, *out, *(width for _, _, width in bands)))
    return y


@lru_cache(maxsize=256)
def band(device: Device, rule: Rule, adjoint: bool, dtype: str) -> Band:
    """(spans, weights, width) on the device, as the kernel reads them; kept, since networks use few rules."""
    _, n, m, _, _ = rule
    rows: list[dict[int, float]] = [{} for _ in range(n if adjoint else m)]
    for places, weights in taps(rule):
        for i, j in enumerate(places):
            row, column = (j, i) if adjoint else (i, j)
            rows[row][column] = rows[row].get(column, 0.0) + (1.0 if weights is None else weights[i])
    begins = [min(row, default=0) for row in rows]
    counts = [max(row) - min(row) + 1 if row else 0 for row in rows]
    width = max(1, *counts)
    table = [row.get(begin + k, 0.0) for row, begin in zip(rows, begins, strict=True) for k in range(width)]
    return device.to_device(array("i", begins + counts)), device.to_device(array(CODES[dtype], table)), width


@register(resample_pair)
class resample_cuda:
    """y; saved: rules and adjoint."""

    @staticmethod
    def forward(x: Array, rules: Rules, adjoint: bool) -> tuple[Array, Any]:
        return resample(device_of(x), dense(x), rules, adjoint), (rules, adjoint)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        rules, adjoint = saved
        return (resample(device_of(g), dense(g), rules, not adjoint),)
