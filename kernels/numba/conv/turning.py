"""Images brought into another order of memory.

Numbers that become neighbours may lie a whole image apart, or a whole channel. Where that is a multiple of 1024 bytes
they share a few lines of the cache and drive each other out: then some rows at a time are copied first, with gaps.
"""

from __future__ import annotations

import numpy as np

from xdl.threads import parallel, serial

from ...common.buffers import empty
from ...common.memory_order import memory_order

CHANNELS_LAST, IMAGES_LAST = (0, 2, 3, 1), (1, 2, 3, 0)  # dimensions of (N, C, H, W) in the order of memory
BACK = {CHANNELS_LAST: (0, 3, 1, 2), IMAGES_LAST: (3, 0, 1, 2)}  # their inverses
EVEN, MANY = 1024, 16  # bytes between neighbours, and how many of them, that share lines of the cache
NUMBERS, GAP = 1024, 16  # of a row at least, and between two rows
PARALLEL = 1 << 19  # numbers; below, waking a thread costs more than it gains


def turned(x: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    """x (N, C, H, W) with its dimensions in this order, in C order and writeable: a view if that is how x lies."""
    into = x.transpose(order)
    if into.flags.carray:
        return into
    y = empty(into.shape, x.dtype)
    turn(x, y, order)
    return y


def turn(x: np.ndarray, y: np.ndarray, order: tuple[int, ...]) -> None:
    """Fills y with x (N, C, H, W), its dimensions in this order."""
    back, source = y.transpose(BACK[order]), memory_order(x) or [0, 1, 2, 3]
    first = source[0]
    gaps = first == order[-1] and x.shape[first] >= MANY and x.strides[first] % EVEN == 0
    step = max(1, NUMBERS * x.shape[2] * x.shape[first] // max(1, x.size)) if gaps else x.shape[2]

    def part(low: int, high: int, _: int) -> None:
        for row in range(low, high, step):
            rows = slice(row, min(row + step, high))
            np.copyto(back[:, :, rows], _apart(x[:, :, rows], source) if gaps else x[:, :, rows])

    (serial if x.size < PARALLEL else parallel)(part, x.shape[2])


def _apart(x: np.ndarray, order: list[int]) -> np.ndarray:
    """A copy of x whose dimensions lie in this order, with a gap after each row of the first one."""
    block = x.transpose(order)
    size = block[0].size
    room = empty((len(block), size + GAP), x.dtype)[:, :size].reshape(block.shape)
    np.copyto(room, block)
    return room.transpose([order.index(d) for d in range(4)])
