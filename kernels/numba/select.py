"""Sums into places, compiled: what the gradients of embedding, indexing and `index_select` are made of; and `topk`.

Sums are made in order, row by row; threads share the columns, so that no sum depends on their number.
"""

from __future__ import annotations

from math import prod

import numpy as np

from xdl.functional.index.order import top_indices as top_indices_slot
from xdl.functional.index.select import sum_at_slot
from xdl.functional.operands import check_indices
from xdl.threads import parallel

from ..common.buffers import empty
from . import sharing
from .compiled import Compiled
from .sharing import REALS, over, plain
from .slots import register

sum_at = Compiled("select.sum_at", "T[:, :, ::1], int64[::1], T[:, :, ::1], int64, int64")
top_indices = Compiled("select.top_indices", "T[:, ::1], int64[:, ::1], int64[:, ::1], boolean")
COST, LOOK = 0.4, 0.3  # nanoseconds an element
MOST = 64  # places of each row
COLUMNS = 16  # that a thread takes at least


def _wide(x: np.ndarray, ids: np.ndarray, v: int) -> bool:
    return x.dtype in REALS and x.shape[2] > 1 and x.size > 0


@register(sum_at_slot, sum_at, when=_wide, why="float32 or float64 with more than one element for each index")
class sum_at_compiled:
    """y[:, v] = the sum of x[:, i] over ids[i] = v."""

    @staticmethod
    def forward(x: np.ndarray, ids: np.ndarray, v: int) -> tuple[np.ndarray, None]:
        check_indices("sum_at", "ids", ids, v)
        x, ids, y = plain(x), plain(ids.astype(np.int64, copy=False)), empty((x.shape[0], v, x.shape[2]), x.dtype)
        loop, columns = sum_at[x.dtype], x.shape[2]
        blocks = max(1, columns // COLUMNS)

        def part(low: int, high: int, thread: int) -> None:
            first, last = low * COLUMNS, columns if high == blocks else high * COLUMNS
            y[:, :, first:last] = 0
            loop(x, ids, y, first, last)

        if prod(x.shape) * COST < sharing.WORTH:
            part(0, blocks, 0)
        else:
            parallel(part, blocks)
        return y, None


def _few(x: np.ndarray, k: int, dim: int, largest: bool) -> bool:
    return x.dtype in REALS and 0 < k <= min(MOST, x.shape[dim]) and x.size > 0


@register(top_indices_slot, top_indices, when=_few, why=f"float32 or float64, 1 to {MOST} of each row")
class top_indices_compiled:
    """The dimension is brought last, and back."""

    @staticmethod
    def forward(x: np.ndarray, k: int, dim: int, largest: bool) -> tuple[np.ndarray, None]:
        moved = np.moveaxis(x, dim, -1)
        rows = plain(moved).reshape(-1, moved.shape[-1])
        found = np.empty((len(rows), k), np.int64)
        over(top_indices[x.dtype], rows.shape[1] * LOOK, [rows, found, np.empty_like(found)], bool(largest))
        return np.moveaxis(found.reshape(*moved.shape[:-1], k), -1, dim), None
