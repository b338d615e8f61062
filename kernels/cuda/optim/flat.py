"""The launch of an update: one step over flat buffers, in place. Every .cu file of an update goes through here."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array

from ..launch import Device, blocks_for, load_kernels

THREADS = 256


def launch_flat(
    device: Device, source: str, name: str, p: Array, arrays: tuple[Any, ...], settings: tuple[Any, ...]
) -> None:
    """A thread for each element of p: the kernel's arguments are the arrays, their size, and the settings."""
    count = prod(p.shape)
    if count:
        kernels = load_kernels(device, source, str(p.dtype))
        kernels.launch(name, (blocks_for(count, THREADS),), (THREADS,), *arrays, count, *settings)
