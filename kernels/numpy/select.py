"""Selection for NumPy: sums into places without log2 n passes, writing through an index, the largest few by partition.

`np.add.at` is 3 to 8 times slower than to sort the indices once and to add in rounds: the first of all equal
indices, then the second of those that have one, ... NumPy sorts 16-bit integers by their digits, the others
twenty times slower by comparisons.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.index.assign import put_items
from xdl.functional.index.order import order_of, top_indices
from xdl.functional.index.select import sum_at_slot

from .slots import PRIORITY, register

ROUNDS = 16  # with more equal indices than this, one pass over the sorted values is faster


@register(
    sum_at_slot,
    when=lambda x, *_: x.shape[0] == x.shape[2] == 1 and x.dtype.kind == "f",
    why="single floating elements",
    priority=PRIORITY + 1,
)
class sum_elements:
    """y[v] = the sum of x[i] over ids[i] = v, by bincount: in order and in float64."""

    @staticmethod
    def forward(x: np.ndarray, ids: np.ndarray, v: int) -> tuple[np.ndarray, None]:
        sums = np.bincount(ids, weights=x[0, :, 0], minlength=v)
        return sums.astype(x.dtype, copy=False)[None, :, None], None


@register(sum_at_slot)
class sum_sorted:
    """y[:, v] = the sum of x[:, i] over ids[i] = v; a stable sort fixes the order of the additions."""

    @staticmethod
    def forward(x: np.ndarray, ids: np.ndarray, v: int) -> tuple[np.ndarray, None]:
        y = np.zeros((x.shape[0], v, x.shape[2]), x.dtype)
        if not ids.size:
            return y, None
        order = np.argsort(ids.astype(np.uint16) if v <= 1 << 16 else ids, kind="stable")
        ordered = ids[order]
        firsts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        counts = np.diff(firsts, append=len(ids))
        if counts.max() > ROUNDS:
            y[:, ordered[firsts]] = np.add.reduceat(np.take(x, order, axis=1), firsts, axis=1)
            return y, None
        for k in range(counts.max()):
            left = firsts[counts > k]
            places = slice(None) if len(left) == v else ordered[left]  # all of them: no scattering
            values = np.take(x, order[left + k], axis=1)
            if k:
                y[:, places] += values
            else:
                y[:, places] = values
        return y, None


@register(put_items)
class put_items_numpy:
    """x[parts] = value: of equal places the last one stays."""

    @staticmethod
    def forward(x: np.ndarray, parts: tuple[Any, ...], value: Any) -> tuple[np.ndarray, None]:
        x[parts] = value
        return x, None


@register(top_indices, when=lambda x, k, dim, _: 0 < k <= x.shape[dim] // 4, why="up to a quarter of the elements")
class top_by_partition:
    """A partition finds each row's k-th value; only rows with ties at it, or with nan, are sorted whole."""

    @staticmethod
    def forward(x: np.ndarray, k: int, dim: int, largest: bool) -> tuple[np.ndarray, None]:
        rows = np.moveaxis(x, dim, -1)
        flat = rows.reshape(-1, rows.shape[-1])
        place = flat.shape[1] - k if largest else k - 1
        bound = np.partition(flat, place, axis=1)[:, place, None]
        kept = flat >= bound if largest else flat <= bound
        clear = kept.sum(1) == k
        found = np.empty((len(flat), k), np.int64)
        places = np.nonzero(kept[clear])[1].reshape(-1, k)
        inside = order_of(np.take_along_axis(flat[clear], places, 1), 1, largest)
        found[clear] = np.take_along_axis(places, inside, 1)
        found[~clear] = order_of(flat[~clear], 1, largest)[:, :k]
        return np.moveaxis(found.reshape(*rows.shape[:-1], k), -1, dim), None
