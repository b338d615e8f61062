"""Launches of checks.cu: a wrong value sets a flag, uint32 (1,), and nothing waits for the device."""

from __future__ import annotations

from xdl.backend import Array

from ..launch import Device, blocks_for, grid_size, load_kernels

THREADS = 256
MOST_BLOCKS = 256  # indices are few; a thread walks over what is left


def flag_outside(device: Device, indices: Array, flag: Array, low: int, high: int, ignored: int | None) -> None:
    """Sets the flag if one of the int64 indices is outside [low, high) and is not `ignored`."""
    _launch(device, "flag_outside", indices, flag, low, high, ignored or 0, int(ignored is not None))


def flag_true(device: Device, wrong: Array, flag: Array) -> None:
    """Sets the flag if one of the bool values is true."""
    _launch(device, "flag_true", wrong, flag)


def _launch(device: Device, name: str, values: Array, flag: Array, *limits: int) -> None:
    count = int(values.size)
    if count:
        grid = (grid_size(blocks_for(count, THREADS), MOST_BLOCKS),)
        load_kernels(device, "checks.cu").launch(name, grid, (THREADS,), values, flag, count, *limits)
