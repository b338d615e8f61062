"""Embedding: rows of a table by index.

ids (...) integer   w (V, D)   y (..., D)

y = w[ids]                    dw[v] = sum of g over all places where ids = v
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError, SettingError, ShapeError
from xdl.functional import either
from xdl.functional.aliases import same
from xdl.functional.index.select import sum_at, take
from xdl.functional.operands import check_indices, floating, same_backend
from xdl.kernel import Kernel
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


class EmbeddingPair:
    """y = w[ids] for w (V, D), ids (n,); saved: ids and V."""

    @staticmethod
    def forward(w: Array, ids: Array) -> tuple[Array, tuple[Array, int]]:
        return take(w, ids, 0), (ids, w.shape[0])

    @staticmethod
    def backward(g: Array, saved: tuple[Array, int], needs: Any) -> tuple[Array, None]:
        ids, v = saved
        return sum_at(g, ids, 0, v), None


embedding_pair = Kernel("embedding", EmbeddingPair)


@composite
def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Tensor:
    """y = weight[input] for integer input (...) in [0, V) and weight (V, D): y (..., D).

    The row padding_idx, counted from the end if negative, gets no gradient. On NumPy an index outside [0, V) raises
    DataError. Raises ShapeError, DtypeError, and SettingError for a padding_idx outside [-V, V).
    """
    floating("embedding", weight=weight)
    same_backend("embedding", input=input, weight=weight)
    if kinds[input.array.dtype] != "int":
        raise DtypeError("embedding", "integer input", input.dtype)
    if weight.ndim != 2:
        raise ShapeError("embedding", "weight (V, D)", weight.shape)
    check_indices("embedding", "input", input.array, weight.shape[0])
    if padding_idx is not None:
        weight = _without_gradient(weight, padding_idx)
    ids = namespaces[type(input.array)].reshape(input.array, (prod(input.shape),))
    version, y, saved = embedding_pair(weight.array, ids)
    rows = record(y, (weight.node or weight, input), partial(_embedding_rule, weight.shape[0]), saved, version)
    return rows.reshape(*input.shape, weight.shape[1])


def _without_gradient(w: Tensor, row: int) -> Tensor:
    """w, where one row gets no gradient: a view."""
    v = w.shape[0]
    if not -v <= row < v:
        raise SettingError("embedding", f"padding_idx in [{-v}, {v})", row)
    xp = namespaces[type(w.array)]
    other = xp.expand_dims(xp.arange(v, device=w.array.device) != row % v, axis=1)
    return same(record(w.array, (w.node or w,), partial(_embedding_padding_rule, other)), w)


def _embedding_padding_rule(other: Array, needs: Any, g: Any, y: Any, saved: Any, w: Any) -> tuple[Any]:
    return (either.where(other, g, 0.0),)


def _embedding_rule(v: int, needs: Any, g: Any, y: Any, saved: Any, w: Any, ids: Any) -> tuple[Any, None]:
    ids = either.raw(ids)
    return sum_at(g, namespaces[type(ids)].reshape(ids, (prod(ids.shape),)), 0, v), None
