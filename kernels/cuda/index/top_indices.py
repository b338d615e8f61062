"""Launches of top_indices.cu: the k largest or smallest of each row of x [rows, width]."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.index.order import TopIndicesReference, top_indices

from ..launch import Device, load_kernels
from ..norm.layer_norm import THREADS, blocks_of, team_of
from ..signature import REALS
from ..slots import dense, device_of, register

MOST = 64  # rounds over a row; sorting it whole takes less than more of them


def top_of_rows(device: Device, x: Array, k: int, largest: bool) -> Array:
    """int64 [rows, k]: the indices of a float32, float64 or int64 x."""
    rows, width = x.shape
    found = device.empty((rows, k), "int64")
    if rows * width * k:
        dtype, warps = dtype_name(x), team_of(width)
        kernels = load_kernels(device, "top_indices.cu", dtype if dtype in REALS else "float32")
        name = "top_real" if dtype in REALS else "top_integer"
        kernels.launch(name, blocks_of(rows, warps), THREADS, x, found, rows, width, k, int(largest), warps)
    return found


@register(top_indices)
class top_indices_cuda:
    """The dimension is brought last, and back. More than MOST of a row are found by sorting it."""

    @staticmethod
    def forward(x: Array, k: int, dim: int, largest: bool) -> tuple[Array, Any]:
        if k > MOST:
            return TopIndicesReference.forward(x, k, dim, largest)
        xp = namespaces[type(x)]
        moved = xp.moveaxis(x if dtype_name(x) in REALS else xp.astype(x, xp.int64, copy=False), dim, -1)
        rows = dense(moved).reshape(prod(moved.shape[:-1]), moved.shape[-1])
        found = top_of_rows(device_of(x), rows, k, largest)
        return dense(xp.moveaxis(found.reshape(*moved.shape[:-1], k), -1, dim)), None
