"""What the CUDA versions of slots share: registering for every backend that runs them, and their arrays.

Each version gets raw arrays of its backend, asks `device_of` for the device, and hands dense arrays to a launch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl import backend
from xdl.backend import Array
from xdl.kernel import Kernel

from .launch import Device

BACKENDS = ("cupy", "cuda-on-host")
ALIGNED = 16  # bytes; that many are read and copied at once
PRIORITY = 10  # of all versions that say nothing else: below what users register


def register(
    slot: Kernel, *, when: Callable[..., bool] | None = None, why: str = "", priority: int = PRIORITY
) -> Callable[[type], type]:
    """Registers a version of a slot for every backend that runs CUDA kernels."""

    def add(pair: type) -> type:
        for name in BACKENDS:
            slot.register(name, when=when, why=why, priority=priority)(pair)
        return pair

    return add


def device_of(x: Array) -> Device:
    """The device that an array belongs to."""
    device: Device = _owner(x).device
    return device


def flag_of(x: Array) -> Array:
    """The error flag of x's backend: uint32 (1,)."""
    return _owner(x).flag


def _owner(x: Array) -> Any:
    return backend.of(x)


def dense_or_none(x: Array | None) -> Array | None:
    """x in C order, or None: for what may be missing, such as a bias."""
    return None if x is None else dense(x)


def dense(x: Array) -> Array:
    """x in C order at a multiple of ALIGNED bytes: itself, or a copy."""
    device = device_of(x)
    if device.in_order(x) and device.address(x) % ALIGNED == 0:
        return x
    y = device.empty(x.shape, backend.dtype_name(x))
    device.copy(x, y)
    return y
