"""Arrays brought into another order of memory.

Numbers that become neighbours may lie a whole image apart, or a whole channel. Where that is a multiple of 1024 bytes
they share a few lines of the cache and drive each other out: then some rows at a time are copied first, with gaps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xdl.threads import parallel, serial

from .buffers import empty
from .memory_order import memory_order

CHANNELS_LAST, IMAGES_LAST = (0, 2, 3, 1), (1, 2, 3, 0)  # dimensions of (N, C, H, W) in the order of memory
EVEN, MANY = 1024, 16  # bytes between neighbours, and how many of them, that share lines of the cache
NUMBERS, GAP = 1024, 16  # of a row at least, and between two rows
PARALLEL = 1 << 19  # numbers; below, waking a thread costs more than it gains


def turned(x: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """x with its dimensions in this order, in C order and writeable: a view if that is how x lies."""
    into = x.transpose(order)
    if into.flags.carray:
        return into
    y = empty(into.shape, x.dtype)
    turn(x, y, order)
    return y


def turn(x: np.ndarray, y: np.ndarray, order: Sequence[int]) -> None:
    """Fills y with x, its dimensions in this order."""
    source = memory_order(x)
    back, first = y.transpose(_places(order)), order[-1]
    if source is None or source[0] != first or x.shape[first] < MANY or x.strides[first] % EVEN:
        np.copyto(back, x)
        return
    along = source[1]
    step = max(1, NUMBERS * x.shape[along] * x.shape[first] // max(1, x.size))

    def part(low: int, high: int, _: int) -> None:
        for row in range(low, high, step):
            rows = (slice(None),) * along + (slice(row, min(row + step, high)),)
            np.copyto(back[rows], _apart(x[rows], source))

    (serial if x.size < PARALLEL else parallel)(part, x.shape[along])


def _apart(x: np.ndarray, order: list[int]) -> np.ndarray:
    """A copy of x whose dimensions lie in this order, with a gap after each row of the first one."""
    block = x.transpose(order)
    size = block[0].size
    room = empty((len(block), size + GAP), x.dtype)[:, :size].reshape(block.shape)
    np.copyto(room, block)
    return room.transpose(_places(order))


def _places(order: Sequence[int]) -> list[int]:
    """Where each dimension is in an order."""
    return sorted(range(len(order)), key=order.__getitem__)
