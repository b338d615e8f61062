"""The launch of an update: one step over flat buffers, in place. Every .cu file of an update goes through here."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.optim.optimizer import joined

from ..launch import Device, blocks_for, load_kernels
from ..slots import dense, device_of

THREADS = 256


def launch_flat(
    device: Device, source: str, name: str, p: Array, arrays: tuple[Any, ...], settings: tuple[Any, ...]
) -> None:
    """A thread for each element of p: the kernel's arguments are the arrays, their size, and the settings."""
    count = prod(p.shape)
    if count:
        kernels = load_kernels(device, source, dtype_name(p))
        kernels.launch(name, (blocks_for(count, THREADS),), (THREADS,), *arrays, count, *settings)


def step(source: str, name: str, p: Array, grads: list[Array], buffers: tuple[Any, ...], *settings: Any) -> None:
    """The same for a slot: the gradient comes in parts, which are joined. Its kernel gets p, g and the buffers."""
    launch_flat(device_of(p), source, name, p, (p, dense(joined(grads)), *buffers), settings)


def sign_of(maximize: bool) -> float:
    """What the gradient is multiplied by to go down, or up."""
    return -1.0 if maximize else 1.0
