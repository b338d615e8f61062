"""The slot of cross entropy of class labels, from logits or from log-probabilities.

    x (N, C)   ls = log softmax(x), or x itself   t (N,) labels   w (C,) class weights   k (N,) 1, or 0 where ignored

    loss of a row = -k ((1 - e) w_t ls_t + e / C (w . ls))        with label smoothing e
    y             = the losses, their sum, or sum / sum k w_t, nan where that is over 0, which passes no gradient on
    its slope     = softmax(x) a - b,  a = k ((1 - e) w_t + e / C sum w),  b = k ((1 - e) w_t onehot(t) + e / C w)

For log-probabilities the slope is -b.
"""

from __future__ import annotations

from functools import partial
from math import nan
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional.operands import check_indices
from xdl.functional.reduce.softmax import softmax
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


class CrossEntropyPair:
    """y for x (N, C), labels t (N,), weights w (C,) or None, the label that is ignored, e and the reduction.

    logs: x are log-probabilities. Saved: p = softmax(x), None for logs, and a (N, 1), b (N, C) of dx = g (p a - b).
    """

    @staticmethod
    def forward(
        x: Array, t: Array, w: Array | None, ignored: int, e: float, reduction: str, logs: bool
    ) -> tuple[Array, Any]:
        xp, c = namespaces[type(x)], x.shape[1]
        check_indices("nll_loss" if logs else "cross_entropy", "target", t, c, ignored)
        p, ls = None, x
        if not logs:
            z = x - xp.max(x, axis=1, keepdims=True)
            exponentials = xp.exp(z)
            sums = xp.sum(exponentials, axis=1, keepdims=True)
            p, ls = exponentials / sums, z - xp.log(sums)
        onehot, kept, own = _labels(t, w, x, ignored)
        losses = -xp.sum(xp.where(onehot, ls, xp.zeros_like(ls)), axis=1)
        losses = losses if w is None else losses * own
        if e:
            losses = losses * (1 - e) - xp.sum(ls if w is None else ls * w, axis=1) * (e / c)
        losses = xp.where(kept, losses, xp.zeros_like(losses))
        y = losses if reduction == "none" else xp.sum(losses)
        if reduction == "mean":
            total = xp.sum(own)
            y = xp.where(total == 0, nan, y / xp.where(total == 0, 1.0, total))
        return y, (p, *_factors(t, w, x, ignored, e, reduction), reduction)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array, None, None]:
        p, a, b, reduction = saved
        g = g[:, None] if reduction == "none" else g
        return g * (-b if p is None else p * a - b), None, None


cross_entropy_pair = Kernel("cross_entropy", CrossEntropyPair)


def _labels(t: Array, w: Array | None, x: Array, ignored: int) -> tuple[Array, Array, Array]:
    """Where the label of a row stands (N, C), whether it counts (N,), and k w_t (N,)."""
    xp = namespaces[type(x)]
    onehot, kept = onehot_of(t, x.shape[1]), t != ignored
    own = xp.astype(kept, x.dtype)
    if w is not None:
        own = own * xp.sum(xp.where(onehot, w, xp.zeros_like(w)), axis=1)
    return onehot, kept, own


def _factors(t: Array, w: Array | None, x: Array, ignored: int, e: float, reduction: str) -> tuple[Array, Array]:
    """a (N, 1) and b (N, C): the slope of a row's loss is softmax(x) a - b, over sum k w_t for the mean."""
    xp, c = namespaces[type(x)], x.shape[1]
    onehot, kept, own = _labels(t, w, x, ignored)
    hard, smooth = (own * (1 - e))[:, None], (xp.astype(kept, x.dtype) * (e / c))[:, None]
    ones = xp.ones((c,), dtype=x.dtype, device=x.device) if w is None else w
    a, b = hard + smooth * xp.sum(ones), hard * xp.astype(onehot, x.dtype) + smooth * ones
    if reduction != "mean":
        return a, b
    total = xp.sum(own)
    nothing = total == 0
    share = xp.where(nothing, xp.zeros_like(total), 1 / xp.where(nothing, xp.ones_like(total), total))
    return a * share, b * share


def loss_of_labels(
    input: Tensor, target: Tensor, weight: Tensor | None, ignored: int, e: float, reduction: str, logs: bool
) -> Tensor:
    """By the slot, which knows rows of classes; weight is a constant."""
    shape, w = target.shape, None if weight is None else weight.array
    if input.ndim > 2:
        input, target = input.movedim(1, -1).reshape(target.array.size, input.shape[1]), target.reshape(-1)
    settings = (ignored, e, reduction, logs)
    version, y, saved = cross_entropy_pair(input.array, target.array, w, *settings)
    y = record(y, (input, target, weight), partial(_cross_entropy_rule, *settings), saved, version)
    return y.reshape(shape) if reduction == "none" and len(shape) > 1 else y


def _cross_entropy_rule(
    ignored: int, e: float, reduction: str, logs: bool,
    needs: Any, g: Any, y: Any, saved: Any, x: Any, t: Any, weight: Any,
) -> tuple[Any, None]:  # fmt: skip
    a, b = _factors(t.array, None if weight is None else weight.array, x.array, ignored, e, reduction)
    g = g.reshape(-1, 1) if reduction == "none" else g
    return g * (Tensor(-b) if logs else softmax(x, 1) * Tensor(a) - Tensor(b)), None


def onehot_of(t: Array, c: int) -> Array:
    """True at [n, t[n, ...], ...], False elsewhere."""
    xp = namespaces[type(t)]
    classes = xp.reshape(xp.arange(c, dtype=t.dtype, device=t.device), (c,) + (1,) * (len(t.shape) - 1))
    return xp.expand_dims(t, axis=1) == classes
