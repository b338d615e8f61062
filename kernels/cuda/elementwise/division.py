"""Launches of division.cu: floor_divide, remainder and fmod of floats.

Integers take the array library's own kernels.
"""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name, namespaces
from xdl.functional.elementwise.division import DivisionReference, division_slot
from xdl.functional.operands import broadcast_shape

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..signature import REALS
from ..slots import PRIORITY, dense, device_of, register

THREADS = 256
MOST_BLOCKS = 1 << 14  # beyond, a thread goes on in steps of the grid
KINDS = {"floor_divide": 0, "remainder": 1, "fmod": 2}

register(division_slot)(DivisionReference)


def division(device: Device, operation: str, a: Any, b: Any, shape: tuple[int, ...], dtype: str) -> Array:
    """q or r. a, b: arrays of that shape and dtype, or numbers."""
    y, count = device.empty(shape, dtype), prod(shape)
    if count:
        numbers = [0.0 if hasattr(operand, "shape") else float(operand) for operand in (a, b)]
        arrays = [operand if hasattr(operand, "shape") else None for operand in (a, b)]
        grid = (grid_size(blocks_for(count, THREADS), MOST_BLOCKS),)
        kernels = load_kernels(device, "division.cu", dtype)
        kernels.launch("division", grid, (THREADS,), *arrays, y, count, KINDS[operation], *numbers)
    return y


@register(
    division_slot, when=lambda like, *_: dtype_name(like) in REALS, why="float32 or float64", priority=PRIORITY + 1
)
class division_cuda:
    """q or r; operands of another shape than the result are spread out first."""

    @staticmethod
    def forward(like: Array, operation: str, x: Any, y: Any) -> tuple[Array, None]:
        shape = broadcast_shape(operation, *(operand.shape for operand in (x, y) if hasattr(operand, "shape")))
        a, b = (dense(_spread(operand, shape)) if hasattr(operand, "shape") else operand for operand in (x, y))
        return division(device_of(like), operation, a, b, shape, dtype_name(like)), None


def _spread(x: Array, shape: tuple[int, ...]) -> Array:
    return x if x.shape == shape else namespaces[type(x)].broadcast_to(x, shape)
