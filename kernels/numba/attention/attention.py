"""Attention without its weights: scores are computed block by block, and again in the backward pass.

Dao, Fu, Ermon, Rudra, Re, "FlashAttention", NeurIPS 2022; Rabe, Staats, "Self-attention does not need O(n^2) memory",
2021. Of each query the forward pass keeps ln sum e**s, so the backward pass has its weights by one exponential. A block
has all keys of its queries: their maximum need not be corrected.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from xdl.functional.attention.attention_pair import Dropped, attention_pair
from xdl.functional.elementwise.dropout import scale as dropout_scale
from xdl.threads import parallel, serial

from ...common.buffers import empty
from .. import sharing
from ..compiled import Compiled
from ..sharing import REALS
from ..slots import register
from .plan import Plan, masks_of

SCORES, NUMBERS = "T[:, :, ::1]", "int64[::1], int64, T"
add_mask = Compiled("attention.add_mask", f"{SCORES}, T[:, ::1], {NUMBERS}")
hide = Compiled("attention.hide", f"{SCORES}, boolean[:, ::1], {NUMBERS}")
weights = Compiled("attention.weights", f"{SCORES}, T[:, ::1], T, int64, boolean")
again = Compiled("attention.again", f"{SCORES}, T[:, ::1], T, int64")
drop = Compiled("attention.drop", f"{SCORES}, {SCORES}, int64[::1], int64, uint64, uint64, uint64, uint64, T")
slope = Compiled("attention.slope", f"{SCORES}, {SCORES}, {SCORES}, T")
COST = 3.0  # nanoseconds a score


def _fits(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: Any, *_: Any) -> bool:
    alike = q.dtype in REALS and k.dtype == v.dtype == q.dtype and q.shape[:-2] == k.shape[:-2] == v.shape[:-2]
    return alike and q.ndim > 2 and 0 not in (*q.shape, *k.shape, *v.shape) and (mask is None or mask.ndim <= 4)


@register(
    attention_pair,
    *(add_mask, hide, weights, again, drop, slope),
    when=_fits,
    why="float32 or float64, not empty, with the same leading dimensions, one at least",
)
class attention_compiled:
    """y, in the order of q's memory; saved: q, k, v and the logarithms of the sums."""

    @staticmethod
    def forward(
        q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None, is_causal: bool, scale: float,
        least: int, key: tuple[int, int], step: int,
    ) -> tuple[np.ndarray, Any]:  # fmt: skip
        dropped = least, key, step
        leading = q.shape[:-2]
        q, k, v = (_four(x) for x in (q, k, v))
        heads, keys = q.shape[:2], k.shape[2]
        masks = None if mask is None else masks_of(mask, heads, keys, q.dtype)
        plan = Plan(heads, q.shape[2], keys, is_causal, masks)
        y, logs = _like(q, v.shape[-1]), empty(q.shape[:3], q.dtype)
        kept: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}

        def part(low: int, high: int, thread: int) -> None:
            room, other = _Room(q.dtype), _Room(q.dtype)
            for n, unit in enumerate(plan.units[low:high], low):
                for first, last, seen in plan.blocks():
                    rows, columns = (*unit, slice(first, last)), (*unit, slice(seen))
                    s, own = _scores(room, q[rows], k[columns], plan, unit, first, scale)
                    found = np.empty(s.shape[:2], s.dtype)
                    weights[q.dtype](s, found, own, plan.causal(first), masks is not None)
                    logs[rows] = found.reshape(logs[rows].shape)
                    w = _dropped(other, s, plan, unit, first, dropped)
                    np.matmul(w.reshape(*logs[rows].shape, seen), v[columns], out=y[rows])
                    if plan.keeps:
                        kept[n, first] = s, w
                        room, other = _Room(q.dtype), _Room(q.dtype)

        _share(part, plan)
        return y.reshape(*leading, *y.shape[2:]), (q, k, v, logs, kept, plan, scale, dropped, leading)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, ...]:
        q, k, v, logs, kept, plan, scale, dropped, leading = saved
        g = _four(g)
        dq, dk, dv = (_like(x, x.shape[-1]) for x in (q, k, v))

        def part(low: int, high: int, thread: int) -> None:
            room, other, third = _Room(q.dtype), _Room(q.dtype), _Room(q.dtype)
            for n, unit in enumerate(plan.units[low:high], low):
                begun = 0
                for first, last, seen in plan.blocks():
                    rows, columns = (*unit, slice(first, last)), (*unit, slice(seen))
                    if plan.keeps:
                        s, w = kept[n, first]
                    else:
                        s, own = _scores(room, q[rows], k[columns], plan, unit, first, scale)
                        found = np.ascontiguousarray(logs[rows]).reshape(s.shape[:2])
                        again[q.dtype](s, found, own, plan.causal(first))
                        w = _dropped(third, s, plan, unit, first, dropped)
                    ds = np.matmul(g[rows], v[columns].mT, out=other.get((*logs[rows].shape, seen)))
                    slope[q.dtype](s, w, ds.reshape(s.shape), scale)
                    np.matmul(ds, k[columns], out=dq[rows])
                    _add(dv[unit], begun, w.reshape(ds.shape), g[rows])
                    _add(dk[unit], begun, ds, q[rows])
                    begun = max(begun, seen)
                for d in (dk[unit], dv[unit]):
                    d[:, :, begun:] = 0

        _share(part, plan)
        return tuple(d.reshape(*leading, *d.shape[2:]) for d in (dq, dk, dv))


class _Room:
    """Memory for the scores of one block after the other."""

    def __init__(self, dtype: Any) -> None:
        self._memory = np.empty(0, dtype)

    def get(self, shape: tuple[int, ...]) -> np.ndarray:
        """An array of that shape in it."""
        if self._memory.size < prod(shape):
            self._memory = np.empty(prod(shape), self._memory.dtype)
        return self._memory[: prod(shape)].reshape(shape)


def _scores(
    room: _Room, q: np.ndarray, k: np.ndarray, plan: Plan, unit: Any, first: int, scale: float
) -> tuple[np.ndarray, float]:
    """The scores (heads, l, keys) of a block with its masks, and what they are still to be multiplied by."""
    s = np.matmul(q, k.mT, out=room.get((*q.shape[:3], k.shape[2]))).reshape(-1, q.shape[2], k.shape[2])
    if plan.masks is None:
        return s, scale
    rows, step = plan.masks.rows, plan.masks.step
    begins = plan.masks.first[unit].reshape(-1) + first * step
    (hide if rows.dtype == bool else add_mask)[s.dtype](s, rows, begins, step, scale)
    return s, 1.0


def _dropped(room: _Room, w: np.ndarray, plan: Plan, unit: Any, first: int, dropped: Dropped) -> np.ndarray:
    """The weights (heads, l, keys) of a block after dropout."""
    (n, h), (least, key, step) = plan.heads, dropped
    if not least:
        return w
    begins = (np.arange(n * h).reshape(n, h)[unit].reshape(-1) * plan.queries + first) * plan.keys
    y, numbers = room.get(w.shape), [np.uint64(number) for number in (*key, step, least)]
    drop[w.dtype](w, y, begins, plan.keys, *numbers, dropout_scale(least))
    return y


def _add(of_keys: np.ndarray, begun: int, left: np.ndarray, right: np.ndarray) -> None:
    """Adds left^T right for the first keys to what holds sums for `begun` of them already, and nothing beyond."""
    seen = left.shape[-1]
    if not begun:
        np.matmul(left.mT, right, out=of_keys[:, :, :seen])
        return
    more, both = np.matmul(left.mT, right), min(begun, seen)
    of_keys[:, :, :both] += more[:, :, :both]
    of_keys[:, :, both:seen] = more[:, :, both:]


def _share(part: Any, plan: Plan) -> None:
    """part on all units, on several threads where there is work for them; BLAS on one inside."""
    scores = prod(plan.heads) * plan.queries * plan.keys
    (parallel if scores * COST >= sharing.WORTH else serial)(part, len(plan.units))


def _four(x: np.ndarray) -> np.ndarray:
    """x (..., L, E) as (N, H, L, E), whose last dimension lies side by side."""
    x = x.reshape(1, *x.shape) if x.ndim == 3 else x.reshape(-1, *x.shape[-3:])
    return x if x.strides[-1] == x.itemsize and x.flags.aligned else np.ascontiguousarray(x)


def _like(x: np.ndarray, size: int) -> np.ndarray:
    """Room for (N, H, L, size) in the order of x's memory."""
    order = sorted(range(4), key=lambda i: -x.strides[i])
    shape, back = (*x.shape[:-1], size), sorted(range(4), key=order.__getitem__)
    return empty(tuple(shape[i] for i in order), x.dtype).transpose(back)
