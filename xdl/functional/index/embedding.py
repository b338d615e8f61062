"""Embedding: rows of a table by index.

ids (...) integer   w (V, D)   y (..., D)

y = w[ids]                    dw[v] = sum of g over all places where ids = v
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError, SettingError, ShapeError, expect
from xdl.functional import either
from xdl.functional.aliases import same
from xdl.functional.index.select import sum_at, take
from xdl.functional.operands import check_indices, floating, same_backend
from xdl.functional.reduce.statistics import norm
from xdl.kernel import Kernel
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor, no_grad


class EmbeddingPair:
    """y = w[ids] for w (V, D), ids (n,); saved: ids and V."""

    @staticmethod
    def forward(w: Array, ids: Array) -> tuple[Array, tuple[Array, int]]:
        check_indices("embedding", "input", ids, w.shape[0])
        return take(w, ids, 0), (ids, w.shape[0])

    @staticmethod
    def backward(g: Array, saved: tuple[Array, int], needs: Any) -> tuple[Array, None]:
        ids, v = saved
        return sum_at(g, ids, 0, v), None


embedding_pair = Kernel("embedding", EmbeddingPair)


@composite
def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """y = weight[input] for integer input (...) in [0, V) and weight (V, D): y (..., D).

    max_norm: rows that are read and whose norm of the order norm_type is larger are first scaled down to it, in place
    scale_grad_by_freq: the gradient of a row is divided by the number of times that it is read

    The row padding_idx, counted from the end if negative, gets no gradient. An index outside [0, V) raises
    DataError. Raises ShapeError, DtypeError, and SettingError for a padding_idx outside [-V, V) and for sparse=True.
    """
    floating("embedding", weight=weight)
    same_backend("embedding", input=input, weight=weight)
    if kinds[input.array.dtype] != "int":
        raise DtypeError("embedding", "integer input", input.dtype)
    if weight.ndim != 2:
        raise ShapeError("embedding", "weight (V, D)", weight.shape)
    if sparse:
        raise SettingError("embedding", "sparse=False: gradients are whole tables", sparse)
    if max_norm is not None or scale_grad_by_freq:  # these go before the slot, which checks by itself
        check_indices("embedding", "input", input.array, weight.shape[0])
    if max_norm is not None:
        _hold_norms(input, weight, max_norm, norm_type)
    if scale_grad_by_freq:
        weight = _scaled_by_frequency(input, weight)
    if padding_idx is not None:
        weight = _without_gradient(weight, row_of_padding("embedding", padding_idx, weight.shape[0]))
    ids = namespaces[type(input.array)].reshape(input.array, (prod(input.shape),))
    version, y, saved = embedding_pair(weight.array, ids)
    rule = partial(_embedding_rule, weight.shape[0])
    rows = _reading_no_weight(record(y, (weight.node or weight, input), rule, saved, version))
    return rows.reshape(*input.shape, weight.shape[1])


def row_of_padding(operation: str, padding_idx: int, v: int) -> int:
    """padding_idx as a row of V, counted from the start. Raises SettingError unless it is a whole number in [-V, V)."""
    fits = isinstance(padding_idx, int) and -v <= padding_idx < v
    expect(fits, SettingError, operation, f"padding_idx in [{-v}, {v}), a whole number", repr(padding_idx))
    return padding_idx % v


def _reading_no_weight(y: Tensor) -> Tensor:
    """y, which may be differentiated after the weight was written: as by max_norm, when the table is read again."""
    if y.node is not None:
        y.node.unread = (0,)
    return y


def _hold_norms(input: Tensor, weight: Tensor, max_norm: float, norm_type: float) -> None:
    """Scales the rows that are read and too long, in place, outside the tape; source: PyTorch's embedding_renorm_."""
    with no_grad():
        lengths = norm(weight, norm_type, 1)
        read = _counts(input, weight) != 0
        factor = (max_norm / (lengths + 1e-7)).where(lengths > max_norm, 1.0)
        weight.detach().mul_(factor.where(Tensor(read), 1.0).unsqueeze(1))


def _counts(input: Tensor, weight: Tensor) -> Array:
    """How often each row is read, (V,), in the weight's dtype."""
    w, ids = weight.array, input.array
    xp = namespaces[type(ids)]
    flat = xp.reshape(ids, (prod(ids.shape),))
    return sum_at(xp.ones(flat.shape, dtype=w.dtype, device=w.device), flat, 0, w.shape[0])


def _scaled_by_frequency(input: Tensor, w: Tensor) -> Tensor:
    """w, where the gradient of each row is divided by how often it is read: a view."""
    counts = _counts(input, w)
    xp = namespaces[type(counts)]
    share = xp.expand_dims(1 / xp.where(counts == 0, xp.ones_like(counts), counts), axis=1)
    return same(_reading_no_weight(record(w.array, (w.node or w,), partial(_embedding_frequency_rule, share))), w)


def _embedding_frequency_rule(share: Array, needs: Any, g: Any, y: Any, saved: Any, w: Any) -> tuple[Any]:
    return (g * either.constant(share, g),)


def _without_gradient(w: Tensor, row: int) -> Tensor:
    """w, where one row gets no gradient: a view."""
    xp = namespaces[type(w.array)]
    other = xp.expand_dims(xp.arange(w.shape[0], device=w.array.device) != row, axis=1)
    return same(_reading_no_weight(record(w.array, (w.node or w,), partial(_embedding_padding_rule, other))), w)


def _embedding_padding_rule(other: Array, needs: Any, g: Any, y: Any, saved: Any, w: Any) -> tuple[Any]:
    return (either.where(other, g, 0.0),)


def _embedding_rule(v: int, needs: Any, g: Any, y: Any, saved: Any, w: Any, ids: Any) -> tuple[Any, None]:
    ids = either.raw(ids)
    return sum_at(g, namespaces[type(ids)].reshape(ids, (prod(ids.shape),)), 0, v), None
