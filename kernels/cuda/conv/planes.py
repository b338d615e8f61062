"""Launches of planes.cu: the order of the planes of a batch, and a bias for each channel."""

from __future__ import annotations

from math import prod

from xdl.backend import Array

from ..launch import Device, launch_planes


def swap_planes(device: Device, x: Array, y: Array, bias: Array | None = None) -> None:
    """y [B, A, ...] from x [A, B, ...]; bias [A] is added."""
    positions = prod(x.shape[2:])
    numbers = (*x.shape[:2], positions)
    launch_planes(device, "planes.cu", "swap_planes", x, (x, y, bias), numbers)


def add_bias(device: Device, y: Array, bias: Array) -> None:
    """y [N, C, ...] += bias [C]."""
    positions = prod(y.shape[2:])
    launch_planes(device, "planes.cu", "add_bias", y, (y, bias), (y.shape[1], positions))
