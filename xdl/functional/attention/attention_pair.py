"""The slot of attention as one operation: its versions need not keep the weights.

q (..., L, E)   k (..., S, E)   v (..., S, V)   s, w (..., L, S)   y (..., L, V)

s = scale q k^T + mask          w = softmax(s) over the keys that may be seen          y = (f w) v
dv = (f w)^T g     dw = f (g v^T)     ds = w (dw - sum over S of w dw)     dq = scale ds k     dk = scale ds^T q

A query that may see no key has weights of 0. f: the factors of dropout, 1 without.
"""

from __future__ import annotations

from functools import partial
from math import inf
from typing import Any

from xdl import backend
from xdl.backend import Array, kinds, namespaces
from xdl.functional import either
from xdl.functional.either import Either
from xdl.functional.elementwise.dropout import dropout_pair, factors, lanes
from xdl.functional.reduce.softmax import softmax_pair
from xdl.kernel import Kernel
from xdl.random import stream
from xdl.tape import record
from xdl.tensor import Tensor

Dropped = tuple[int, tuple[int, int], int]
NO_DROPOUT: Dropped = (0, (0, 0), 0)


class AttentionPair:
    """y; saved: q, k, v, w, f and scale.

    mask:            bool, True where a key may be seen, or numbers to add to s; or None
    drop, key, step: of `dropout`; drop 0 without
    """

    @staticmethod
    def forward(
        q: Array, k: Array, v: Array, mask: Array | None, is_causal: bool, scale: float,
        drop: int, key: tuple[int, int], step: int,
    ) -> tuple[Array, tuple[Any, ...]]:  # fmt: skip
        w = _weights(q, k, mask, is_causal, scale)
        f = _factors(w, drop, key, step)
        return (w * f) @ v, (q, k, v, w, f, scale)

    @staticmethod
    def backward(g: Array, saved: tuple[Any, ...], needs: Any) -> tuple[Array, ...]:
        return _gradients(g, *saved)


attention_pair = Kernel("attention", AttentionPair)


def _weights(q: Either, k: Either, mask: Array | None, is_causal: bool, scale: float) -> Either:
    """w."""
    s = (q * scale) @ either.mT(k)
    x, seen = either.raw(s), None
    xp = namespaces[type(x)]
    if mask is not None:
        seen = mask if kinds[mask.dtype] == "bool" else mask > -inf
        s = s if seen is mask else s + either.constant(xp.astype(xp.where(seen, mask, 0.0), x.dtype), s)
    if is_causal:
        before = xp.tril(xp.ones(x.shape[-2:], dtype=xp.bool, device=x.device))
        seen = before if seen is None else seen & before
    if seen is not None:
        s = either.where(seen, s, float(xp.finfo(x.dtype).min))
    e = either.exp(s - either.constant(xp.max(either.raw(s), axis=-1, keepdims=True), s))
    w = e / either.sum(e, -1, True)
    return w if seen is None else either.where(seen, w, 0.0)


def _factors(w: Either, drop: int, key: tuple[int, int], step: int) -> Either:
    """f for raw weights or a Tensor, 1.0 without dropout."""
    if not drop:
        return 1.0
    keep, _ = dropout_pair(either.raw(w), drop, key, step)[2]
    return either.constant(factors(keep, drop, either.raw(w).dtype), w)


def _gradients(g: Either, q: Either, k: Either, v: Either, w: Either, f: Either, scale: float) -> tuple[Either, ...]:
    """dq, dk, dv."""
    dw = g @ either.mT(v) * f
    ds = w * (dw - either.sum(dw * w, -1, True)) * scale
    return ds @ k, either.mT(ds) @ q, either.mT(w * f) @ g


def at_once(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, is_causal: bool, scale: float, p: float
) -> Tensor | None:
    """y by a version that does not keep the weights; None where there is none, and where users have their own parts.

    p: of dropout, whose lanes and step of the stream are those of `dropout` on w
    """
    parts, owner = (softmax_pair, either.matmul_slot, dropout_pair), backend.of(q.array).name
    if (mask is not None and mask.requires_grad) or p == 1 or any(slot.extended(owner) for slot in parts):
        return None
    array = None if mask is None else mask.array
    args = q.array, k.array, v.array, array, is_causal, scale
    if not attention_pair.has_version(*args, *NO_DROPOUT):
        return None
    dropped = NO_DROPOUT
    if p:
        dropped = lanes(p), *stream("dropout").draw()
    version, y, saved = attention_pair(*args, *dropped)
    rule = partial(_scaled_dot_product_attention_rule, array, is_causal, scale, dropped)
    return record(y, (q, k, v), rule, saved, version)


def _scaled_dot_product_attention_rule(
    mask: Array | None, is_causal: bool, scale: float, dropped: Dropped,
    needs: Any, g: Any, y: Any, saved: Any, q: Any, k: Any, v: Any,
) -> tuple[Any, ...]:  # fmt: skip
    w = _weights(q, k, mask, is_causal, scale)
    return _gradients(g, q, k, v, w, _factors(w, *dropped), scale)
