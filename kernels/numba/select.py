"""Embedding and sums into places, compiled: of these the gradients of all reading by index are made; and `topk`.

Sums are made in order, row by row; threads share the places, so that no sum depends on their number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.index.embedding import embedding_pair
from xdl.functional.index.order import top_indices as top_indices_slot
from xdl.functional.index.select import sum_at_slot
from xdl.functional.operands import check_indices
from xdl.threads import get_num_threads

from ..common.buffers import empty
from .compiled import Compiled
from .sharing import REALS, over, plain
from .slots import register

rows_at = Compiled("select.rows_at", "int64[::1], T[:, ::1] | T[:, ::1]")
sum_at = Compiled("select.sum_at", "int64[:, ::1] | T[:, :, ::1], int64[::1], T[:, :, ::1]")
top_indices = Compiled("select.top_indices", "T[:, ::1], int64[:, ::1], int64[:, ::1] | boolean")
READ, COST, LOOK = 0.1, 0.2, 0.3  # nanoseconds an element
MOST = 64  # places of each row
PIECES = 2  # for each thread, of the places that are summed into: some get more numbers than others


def _a_table(w: np.ndarray, ids: np.ndarray) -> bool:
    return w.dtype in REALS and w.shape[1] > 1 and w.size > 0


@register(embedding_pair, rows_at, sum_at, when=_a_table, why="a table of float32 or float64, more than one in a row")
class embedding_compiled:
    """y = w[ids]; saved: ids and V."""

    @staticmethod
    def forward(w: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, int]]:
        check_indices("embedding", "input", ids, len(w))
        ids, y = _whole(ids), empty((len(ids), w.shape[1]), w.dtype)
        over(rows_at[w.dtype], w.shape[1] * READ, [ids, y], plain(w))
        return y, (ids, len(w))

    @staticmethod
    def backward(g: np.ndarray, saved: tuple[np.ndarray, int], needs: Any) -> tuple[np.ndarray, None]:
        ids, v = saved
        return _summed(g[None], ids, v)[0], None


def _whole(ids: np.ndarray) -> np.ndarray:
    return plain(ids.astype(np.int64, copy=False))


def _summed(x: np.ndarray, ids: np.ndarray, v: int) -> np.ndarray:
    """y (A, v, B) with y[:, i] = the sum of x[:, j] over ids[j] = i."""
    a, n, b = x.shape
    threads = get_num_threads()
    parts = min(threads * PIECES, v) if threads > 1 else 1
    ends = np.arange(parts + 1, dtype=np.int64) * v // parts
    y = empty((a, v, b), x.dtype)
    over(sum_at[x.dtype], a * n * b * COST / parts, [np.stack((ends[:-1], ends[1:]), 1)], plain(x), ids, y)
    return y


def _wide(x: np.ndarray, ids: np.ndarray, v: int) -> bool:
    return x.dtype in REALS and x.shape[2] > 1 and x.size > 0


@register(sum_at_slot, sum_at, when=_wide, why="float32 or float64 with more than one element for each index")
class sum_at_compiled:
    """y[:, v] = the sum of x[:, i] over ids[i] = v."""

    @staticmethod
    def forward(x: np.ndarray, ids: np.ndarray, v: int) -> tuple[np.ndarray, None]:
        check_indices("sum_at", "ids", ids, v)
        return _summed(x, _whole(ids), v), None


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
