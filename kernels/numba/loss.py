"""Cross entropy of class labels, compiled: losses and gradient in one pass over the rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.loss.cross_entropy_pair import cross_entropy_pair
from xdl.functional.operands import check_indices

from ..common.buffers import empty
from .compiled import Compiled
from .sharing import last_dim, over, plain
from .slots import register

cross_entropy = Compiled("rows.cross_entropy", "T[:, ::1], int64[::1], T[::1], T[:, ::1] | int64, T")
counted = Compiled("rows.counted", "int64[::1], int64, int64", "int64")
scale = Compiled("rows.scale", "T[:, ::1] | T")
COST, SCALING = 0.6, 0.1  # nanoseconds an element


def _plain(x: Any, t: Any, w: Any, ignored: int, e: float, reduction: str, logs: bool) -> bool:
    return w is None and not e and reduction == "mean" and not logs and last_dim(x, 1)


WHY = "the mean over logits in C order, float32 or float64, without weights and label smoothing"


@register(cross_entropy_pair, counted, cross_entropy, scale, when=_plain, why=WHY)
class cross_entropy_compiled:
    """The mean loss; saved: dx for a cotangent of 1, which the first backward takes, and the arguments.

    Another backward through the same graph finds that taken, and makes it again.
    """

    @staticmethod
    def forward(x: np.ndarray, t: np.ndarray, w: None, ignored: int, *_: Any) -> tuple[Any, Any]:
        t = plain(t.astype(np.int64, copy=False))
        count = counted[x.dtype](t, x.shape[1], ignored)
        if count < 0:
            check_indices("cross_entropy", "target", t, x.shape[1], ignored)
        y, dx = _losses(x, t, ignored, count)
        return y, ([dx], x, t, ignored, count)

    @staticmethod
    def backward(g: np.ndarray, saved: Any, needs: Any) -> tuple[np.ndarray, None, None]:
        unused, *arguments = saved
        dx = unused.pop() if unused else _losses(*arguments)[1]
        factor = g.item()
        if factor != 1:
            over(scale[dx.dtype], dx.shape[1] * SCALING, [dx], factor)
        return dx, None, None


def _losses(x: np.ndarray, t: np.ndarray, ignored: int, count: int) -> tuple[Any, np.ndarray]:
    """The mean loss of the `count` rows that count, nan for none, and its gradient."""
    n, c = x.shape
    losses, dx = np.empty(n, x.dtype), empty(x.shape, x.dtype)
    share = x.dtype.type(1 / count if count else np.nan)
    over(cross_entropy[x.dtype], c * COST, [plain(x), t, losses, dx], ignored, share)
    return np.add.reduce(losses) * share, dx
