"""Attention: each query takes the mean of the values, weighted by how well their keys match it.

N sequences (one or more leading dimensions), L queries, S keys and values, E their size, V that of values
q (N, L, E)   k (N, S, E)   v (N, S, V)

s = scale q k^T + bias  (N, L, S)      w = softmax(s) over the keys that may be seen      y = w v  (N, L, V)

A query that may see no key gets zeros, as its weights are, and passes no gradient on.

A. Vaswani et al., "Attention is all you need", NeurIPS 2017; scale is 1 / sqrt(E) there.
"""

from __future__ import annotations

from itertools import zip_longest
from math import inf, sqrt
from typing import Any

from xdl.creation.filled import ones
from xdl.errors import DtypeError, KindError, ShapeError, expect
from xdl.functional.attention.attention_pair import at_once
from xdl.functional.elementwise.dropout import check_probability, dropout
from xdl.functional.elementwise.where import where
from xdl.functional.operands import check_tensors, floating
from xdl.functional.reduce.softmax import softmax
from xdl.observe import composite
from xdl.promotion import finfo, promote_types
from xdl.tensor import Tensor

NAME = "scaled_dot_product_attention"


@composite
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """y (..., L, V) from query (..., L, E), key (..., S, E) and value (..., S, V).

    attn_mask:  broadcast to (..., L, S): bool, True where a query may see a key; or floating numbers, added to s
    dropout_p:  share of the weights that is dropped; give 0 outside of training
    is_causal:  query i sees keys 0 to i only
    scale:      1 / sqrt(E) without
    enable_gqa: query may have several times the heads (the dimension before L) of key and value, which are repeated

    Raises ShapeError for shapes that do not fit, DtypeError for tensors of several dtypes or of integers and for
    another mask, SettingError for another dropout_p, KindError for another is_causal.
    """
    floating(NAME, query=query, key=key, value=value)
    check_probability(NAME, dropout_p, "dropout_p")
    expect(isinstance(is_causal, bool), KindError, NAME, "is_causal: True or False", repr(is_causal))
    if enable_gqa:
        key, value = (_as_many_heads(query, name, t) for name, t in (("key", key), ("value", value)))
    return attended(query, key, value, attn_mask, dropout_p, is_causal, scale)


def _as_many_heads(query: Tensor, name: str, t: Tensor) -> Tensor:
    """Key or value with each head repeated, to as many as the query has."""
    fits = min(query.ndim, t.ndim) >= 3 and t.shape[-3] > 0 and query.shape[-3] % t.shape[-3] == 0
    expect(fits, ShapeError, NAME, f"{name} with heads that divide those of query {query.shape}", t.shape)
    return t.repeat_interleave(query.shape[-3] // t.shape[-3], -3)


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
) -> tuple[Tensor, Tensor]:
    """(y, w (..., L, S) after dropout); the arguments are those of `scaled_dot_product_attention`."""
    s = (query * _scale(query, key, value, scale)) @ key.mT
    return weighted(s, value, mask, dropout_p, is_causal)


def attended(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    """y of `attend`, without the weights where there is a version for that."""
    factor = _scale(query, key, value, scale)
    if mask is not None:
        _check_mask(NAME, mask, (*query.shape[:-1], key.shape[-2]), query.dtype)
    y = at_once(query, key, value, mask, is_causal, factor, dropout_p)
    return attend(query, key, value, mask, dropout_p, is_causal, scale)[0] if y is None else y


def _scale(query: Tensor, key: Tensor, value: Tensor, scale: float | None) -> float:
    """The scale of the scores. Raises ShapeError for sizes that do not fit."""
    fits = min(query.ndim, key.ndim, value.ndim) >= 2
    fits = fits and query.shape[-1] == key.shape[-1] and key.shape[-2] == value.shape[-2]
    found = (query.shape, key.shape, value.shape)
    sizes = zip_longest(*(shape[-3::-1] for shape in found), fillvalue=1)  # of each dimension of the batch
    fits = fits and all(len({*size} - {1}) <= 1 for size in sizes)
    expect(fits, ShapeError, NAME, "query (..., L, E), key (..., S, E), value (..., S, V)", found)
    return 1 / sqrt(max(1, query.shape[-1])) if scale is None else scale


def weighted(
    s: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    operation: str = NAME,
) -> tuple[Tensor, Tensor]:
    """(w v, w) from scores s (..., L, S) of any kind: w = softmax(s) where the mask lets the key be seen.

    operation: whose errors these are. Raises ShapeError, DtypeError for a mask that does not fit
    """
    seen = None
    if mask is not None:
        _check_mask(operation, mask, s.shape, s.dtype)
        seen = mask if mask.dtype == "bool" else mask > -inf
        s = s if seen is mask else s + where(seen, mask, 0.0)
    if is_causal:
        before = ones(*s.shape[-2:], dtype="bool", device=s.device).tril()
        seen = before if seen is None else seen & before
    w = softmax(s, -1) if seen is None else _masked_softmax(s, seen)
    w = dropout(w, dropout_p) if dropout_p else w
    return w @ value, w


def _check_mask(operation: str, mask: Tensor, shape: tuple[int, ...], dtype: Any) -> None:
    """Raises ShapeError, DtypeError for a mask that does not fit scores of this shape and dtype."""
    check_tensors(operation, mask=mask)
    fits = mask.ndim <= len(shape) and all(
        have in (1, wanted) for have, wanted in zip(mask.shape[::-1], shape[::-1], strict=False)
    )
    expect(fits, ShapeError, operation, f"a mask that broadcasts to {shape}", mask.shape)
    fits = mask.dtype == "bool" or (mask.is_floating_point() and promote_types(mask.dtype, dtype) == dtype)
    wanted = f"a mask of bool, or of floating numbers that fit {dtype}"
    expect(fits, DtypeError, operation, wanted, mask.dtype)


def _masked_softmax(s: Tensor, seen: Tensor) -> Tensor:
    """softmax over the keys that are seen, 0 for the others, and for all where none is."""
    return where(seen, softmax(where(seen, s, finfo(s.dtype).min), -1), 0.0)
