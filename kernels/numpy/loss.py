"""Cross entropy for NumPy: one pass of exponentials in the forward pass, one product in the backward pass."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from xdl.functional.loss.cross_entropy_pair import cross_entropy_pair
from xdl.functional.operands import check_indices

from ..common.buffers import constant, empty
from .rows import exponentials, in_rows
from .slots import register


def _plain(x: Any, t: Any, w: Any, ignored: int, e: float, reduction: str, logs: bool) -> bool:
    return w is None and not e and reduction == "mean" and not logs


@register(cross_entropy_pair, when=_plain, why="the mean over logits, without weights and label smoothing")
class cross_entropy_rows:
    """The mean loss; saved: what `_losses` made, which the first backward turns into dx in place, and its arguments.

    Another backward through the same graph finds that used up, and makes it again.
    """

    @staticmethod
    def forward(x: np.ndarray, t: np.ndarray, w: None, ignored: int, *_: Any) -> tuple[np.ndarray, Any]:
        n, c = x.shape
        kept = None
        if n and not 0 <= t[t.argmin()] <= t[t.argmax()] < c:
            check_indices("cross_entropy", "target", t, c, ignored)
            kept = t != ignored
        elif 0 <= ignored < c and (t == ignored).any():
            kept = t != ignored
        losses, e, scale = _losses(x, t, kept)
        return np.add.reduce(losses) * _constants(*e.shape, x.dtype)[2], ([(e, scale)], x, t, kept)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, None, None]:
        unused, x, t, kept = saved
        dx, scale = unused.pop() if unused else _losses(x, t, kept)[1:]
        factors = (scale * g)[:, None]

        def part(rows: slice, k: int) -> None:
            np.multiply(dx[rows], factors[rows], out=dx[rows])

        in_rows(part, len(dx), x.shape[1], 1)
        if kept is None:
            return dx, None, None
        every = np.zeros(x.shape, x.dtype)
        every[kept] = dx
        return every, None, None


def _losses(x: np.ndarray, t: np.ndarray, kept: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The losses of the N rows that count, their e**(x - m) - s onehot(t) and 1 / (N s), where s sums e**(x - m)."""
    if kept is not None:
        x, t = x[kept], t[kept]
    x = np.ascontiguousarray(x)
    n, c = x.shape
    ones, starts, share = _constants(n, c, x.dtype)
    e, sums, losses = empty(x.shape, x.dtype), np.empty(n, x.dtype), np.empty(n, x.dtype)
    at = starts + t.astype(starts.dtype, copy=False)

    def part(rows: slice, k: int) -> None:
        s, m = exponentials(x[rows], ones, e[rows])
        sums[rows] = s
        own = x.take(at[rows])
        np.subtract(np.log(s, out=losses[rows]), own if m is None else own - m, out=losses[rows])

    in_rows(part, n, c, 4)
    e.put(at, e.take(at) - sums)
    return losses, e, share / sums


@lru_cache(maxsize=16)
def _constants(n: int, c: int, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray, np.floating]:
    """Ones (c,), where each row of (n, c) begins, and 1 / n, nan for no row."""
    return constant(np.ones(c, dtype)), constant(np.arange(0, n * c, c)), dtype.type(1 / n if n else np.nan)
