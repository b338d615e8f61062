"""Dropout, compiled: words, mask and product of sixteen elements at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.elementwise.dropout import dropout_pair, scale
from xdl.threads import parallel

from ..common.buffers import empty
from .compiled import Compiled
from .sharing import REALS, WORTH, over, plain
from .slots import register

dropout = Compiled("dropout.dropout", "T[::1], boolean[::1], T[::1], uint64, uint64, uint64, uint64, uint64, T")
masked = Compiled("dropout.masked", "T[::1], boolean[::1], T[::1] | T")
BLOCK = 16  # elements that share a counter
COST, COST_BACK = 25.0, 0.15  # nanoseconds for a block, and for an element


@register(dropout_pair, dropout, masked, when=lambda x, *_: x.dtype in REALS, why="float32 or float64")
class dropout_compiled:
    """y = x keep scale; saved: keep and drop."""

    @staticmethod
    def forward(x: np.ndarray, drop: int, key: tuple[int, int], step: int) -> tuple[np.ndarray, tuple[np.ndarray, int]]:
        y, keep = empty(x.shape, x.dtype), empty(x.shape, np.bool_)
        flat = [a.reshape(-1) for a in (plain(x), keep, y)]
        loop, numbers = dropout[x.dtype], [np.uint64(number) for number in (*key, step)]

        def part(low: int, high: int, thread: int) -> None:
            pieces = [a[low * BLOCK : high * BLOCK] for a in flat]
            loop(*pieces, *numbers, np.uint64(low), np.uint64(drop), scale(drop))

        blocks = -(-x.size // BLOCK)
        if blocks * COST < WORTH:
            part(0, blocks, 0)
        else:
            parallel(part, blocks)
        return y, (keep, drop)

    @staticmethod
    def backward(g: np.ndarray, saved: tuple[np.ndarray, int], needs: Any) -> tuple[np.ndarray]:
        keep, drop = saved
        dx = empty(keep.shape, g.dtype)
        over(masked[g.dtype], COST_BACK, [a.reshape(-1) for a in (plain(g), keep, dx)], scale(drop))
        return (dx,)
