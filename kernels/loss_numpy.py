"""Cross entropy for NumPy: one pass of exponentials on the way forward, one product on the way back."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from xdl.functional.loss import cross_entropy_pair
from xdl.functional.operands import check_indices

from .buffers_numpy import empty
from .rows_numpy import exponentials, in_rows


@cross_entropy_pair.register("numpy")
class cross_entropy_rows:
    """The mean loss; saved: e**(x - m) and their sums, the labels and which rows count (None for all)."""

    @staticmethod
    def forward(x: np.ndarray, t: np.ndarray, ignored: int) -> tuple[np.ndarray, Any]:
        n, c = x.shape
        kept = None
        if n and not 0 <= np.minimum.reduce(t) <= np.maximum.reduce(t) < c:
            check_indices("cross_entropy", "target", t, c, ignored)
            kept = t != ignored
        elif 0 <= ignored < c and (t == ignored).any():
            kept = t != ignored
        if kept is not None:
            x, t = x[kept], t[kept]
        x, n = np.ascontiguousarray(x), len(t)
        ones, starts = _constants(n, c, x.dtype)
        at = starts + t
        e, sums, losses = empty(x.shape, x.dtype), np.empty(n, x.dtype), np.empty(n, x.dtype)

        def part(rows: slice, thread: int) -> None:
            s, m = exponentials(x[rows], ones, e[rows])
            sums[rows] = s
            logs = np.log(s, out=losses[rows])
            if m is not None:
                logs += m

        in_rows(part, n, c, 4)
        losses -= x.take(at)
        return np.add.reduce(losses) * _share(x), (e, sums, at, kept)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, None, None]:
        e, sums, at, kept = saved
        share = g * _share(e)
        scale = (share / sums)[:, None]
        dx = empty(e.shape, e.dtype)

        def part(rows: slice, thread: int) -> None:
            np.multiply(e[rows], scale[rows], out=dx[rows])

        in_rows(part, len(e), e.shape[1], 1)
        dx.put(at, dx.take(at) - share)
        if kept is None:
            return dx, None, None
        every = np.zeros((len(kept), e.shape[1]), e.dtype)
        every[kept] = dx
        return every, None, None


def _share(x: np.ndarray) -> Any:
    """1 / N, nan for no row."""
    return x.dtype.type(1 / len(x) if len(x) else np.nan)


@lru_cache(maxsize=16)
def _constants(n: int, c: int, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Ones (c,), and where each row of (n, c) begins."""
    return np.ones(c, dtype), np.arange(0, n * c, c)
