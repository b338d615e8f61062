"""Launches over some arrays at a time, and those of copy_parts.cu: the gradients of all parameters into one buffer."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.optim.flat import copy_parts

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..slots import dense, device_of, register

AT_ONCE = 16  # as in parts.cuh
THREADS, ELEMENTS_PER_BLOCK = 256, 1024


def groups(parts: list[tuple[Any, ...]]) -> Iterator[tuple[int, int, list[Any]]]:
    """For each launch: the place of its first part, how many it has, and the arguments of AT_ONCE parts, each of whose
    last is its size. What is not used has size 0.
    """
    for first in range(0, len(parts), AT_ONCE):
        group = parts[first : first + AT_ONCE]
        unused = (*(None,) * (len(group[0]) - 1), 0)
        arguments = [*group, *[unused] * (AT_ONCE - len(group))]
        yield first, len(group), [value for part in arguments for value in part]


def slices(parts: list[tuple[Any, ...]], per_block: int = ELEMENTS_PER_BLOCK) -> int:
    """Blocks for the largest part."""
    return grid_size(blocks_for(max(part[-1] for part in parts), per_block))


def copy_into(device: Device, targets: list[Array], sources: list[Array]) -> None:
    """Copies each source into its target; both are in C order, and of one size and dtype."""
    pairs = [(to, source, size) for to, source in zip(targets, sources, strict=True) if (size := prod(to.shape))]
    for first, count, arguments in groups(pairs):
        grid = slices(pairs[first : first + count]), count
        kernels = load_kernels(device, "copy_parts.cu", dtype_name(arguments[0]))
        kernels.launch("copy_parts", grid, (THREADS,), *arguments)


@register(copy_parts)
class copy_parts_cuda:
    """All parts in one launch for each AT_ONCE of them."""

    @staticmethod
    def forward(buffer: Array, views: list[Array], parts: list[Array]) -> tuple[None, None]:
        copy_into(device_of(buffer), views, [dense(part) for part in parts])
        return None, None
