"""Launches of copy_parts.cu: the gradients of all parameters into one buffer, some at a time."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.optim.flat import copy_parts

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..slots import dense, device_of, register

AT_ONCE = 16  # as in the .cu file
THREADS, ELEMENTS_PER_BLOCK = 256, 1024


def copy_into(device: Device, targets: list[Array], sources: list[Array]) -> None:
    """Copies each source into its target; both are in C order, and of one size and dtype."""
    pairs = [(to, source, size) for to, source in zip(targets, sources, strict=True) if (size := prod(to.shape))]
    for first in range(0, len(pairs), AT_ONCE):
        part = pairs[first : first + AT_ONCE]
        grid = (grid_size(blocks_for(max(size for *_, size in part), ELEMENTS_PER_BLOCK)), len(part))
        arguments: list[Any] = [value for triple in part for value in triple]
        unused = [None, None, 0] * (AT_ONCE - len(part))
        kernels = load_kernels(device, "copy_parts.cu", dtype_name(part[0][0]))
        kernels.launch("copy_parts", grid, (THREADS,), *arguments, *unused)


@register(copy_parts)
class copy_parts_cuda:
    """All parts in one launch for each AT_ONCE of them."""

    @staticmethod
    def forward(buffer: Array, views: list[Array], parts: list[Array]) -> tuple[None, None]:
        copy_into(device_of(buffer), views, [dense(part) for part in parts])
        return None, None
