"""Bags of embeddings: the sum, mean or largest of the rows of a table that each bag names.

ids (B, L), or (n,) with the places (B,) where bags start   w (V, D)   a weights like ids, for "sum"   y (B, D)

    sum    y[b] = sum of a_i w[ids_i] over the i of bag b          mean   the same over their number, without a
    max    y[b] = the largest w[ids_i] of each column

Rows of padding_idx are left out: they do not count, and get no gradient. An empty bag gives 0.
"""

from __future__ import annotations

from math import prod

from xdl import backend
from xdl.backend import Array, kinds, namespaces
from xdl.errors import DataError, DtypeError, SettingError, ShapeError, nearest
from xdl.functional.index.embedding import embedding, row_of_padding
from xdl.functional.index.select import sum_at
from xdl.functional.operands import floating, same_backend
from xdl.functional.reduce.extremes import max as largest
from xdl.observe import composite
from xdl.tensor import Tensor

MODES = ("sum", "mean", "max")


@composite
def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """y (B, D) of the module docstring for integer input, w = weight and a = per_sample_weights.

    offsets: where bags start in input (n,): from 0, never falling; with include_last_offset, n stands at the end
    max_norm, norm_type, scale_grad_by_freq: as in `embedding`; the last not with "max". sparse changes nothing
    padding_idx: counted from the end if negative

    "max" over offsets on a device waits for it. On NumPy an index outside [0, V), and offsets that are no starts, raise
    DataError. Raises ShapeError, DtypeError, SettingError.
    """
    floating("embedding_bag", weight=weight, per_sample_weights=per_sample_weights)
    same_backend("embedding_bag", input=input, weight=weight, offsets=offsets)
    _check_settings(mode, scale_grad_by_freq, per_sample_weights)
    if kinds[input.array.dtype] != "int":
        raise DtypeError("embedding_bag", "integer input", input.dtype)
    a = per_sample_weights
    if a is not None and a.shape != input.shape:
        raise ShapeError("embedding_bag", f"per_sample_weights of input's shape {input.shape}", a.shape)
    if input.ndim == 2 and offsets is None:
        ids, starts = input.array, None
    elif input.ndim == 1 and offsets is not None:
        starts = _starts(offsets, input.shape[0], include_last_offset)
        input = input if starts.shape[0] else input[:0]  # no bag takes anything
        ids = input.array
    else:
        found = f"{input.shape} and {None if offsets is None else offsets.shape}"
        raise ShapeError("embedding_bag", "input (B, L) without offsets, or (n,) with offsets (B,)", found)
    xp = namespaces[type(ids)]
    counts = xp.ones(ids.shape, dtype=xp.bool, device=ids.device)
    if padding_idx is not None:
        counts = ids != row_of_padding("embedding_bag", padding_idx, weight.shape[0])
    if mode == "max":
        if starts is not None:
            ids, counts = _in_rows(ids, counts, starts)
        rows = embedding(input if starts is None else Tensor(ids), weight, padding_idx, max_norm, norm_type)
        return _max(rows, counts)
    settings = (padding_idx, max_norm, norm_type, scale_grad_by_freq)
    rows = embedding(input.reshape(prod(input.shape)), weight, *settings)
    kept = xp.reshape(counts, (-1, 1))
    rows = (rows if a is None else rows * a.reshape(-1, 1)).where(Tensor(kept), 0.0)
    if starts is None:
        b = ids.shape[0]
        bags = xp.reshape(xp.arange(b, device=ids.device)[:, None] + xp.zeros_like(ids), (-1,))
    else:
        places = xp.arange(ids.shape[0], dtype=starts.dtype, device=ids.device)
        bags, b = xp.searchsorted(starts, places, side="right") - 1, starts.shape[0]
    total = sum_at(rows, bags, 0, b)
    if mode == "sum":
        return total
    number = sum_at(xp.astype(kept, weight.array.dtype), bags, 0, b)
    return total / Tensor(xp.maximum(number, xp.ones_like(number)))


def _max(rows: Tensor, counts: Array) -> Tensor:
    """The largest of each column over those of rows (B, L, D) that count (B, L); 0 where none does."""
    if not rows.shape[1]:
        return rows.sum(1)
    xp = namespaces[type(counts)]
    y: Tensor = largest(rows.where(Tensor(counts[:, :, None]), float(xp.finfo(rows.array.dtype).min)), 1)[0]
    return y.where(Tensor(xp.any(counts, axis=1)[:, None]), 0.0)


def _in_rows(ids: Array, counts: Array, starts: Array) -> tuple[Array, Array]:
    """ids (n,) as (B, L), the longest bag's L, and what of it counts."""
    xp, n = namespaces[type(ids)], ids.shape[0]
    ends = xp.concat([starts[1:], xp.full((1,), n, dtype=starts.dtype, device=starts.device)])[: starts.shape[0]]
    longest = int(xp.max(ends - starts)) if starts.shape[0] else 0
    places = starts[:, None] + xp.arange(longest, dtype=starts.dtype, device=ids.device)
    within, flat = places < ends[:, None], xp.reshape(places, (-1,))
    flat = xp.where(flat < n, flat, xp.zeros_like(flat))
    shape = (starts.shape[0], longest)
    return xp.reshape(xp.take(ids, flat), shape), xp.reshape(xp.take(counts, flat), shape) & within


def _starts(offsets: Tensor, n: int, include_last_offset: bool) -> Array:
    """The raw starts of bags. Raises DtypeError, ShapeError, DataError."""
    if kinds[offsets.array.dtype] != "int" or offsets.ndim != 1:
        raise DtypeError("embedding_bag", "integer offsets (B,)", f"{offsets.dtype} {offsets.shape}")
    starts = offsets.array
    if include_last_offset and not prod(starts.shape):
        raise ShapeError("embedding_bag", "offsets with the number of indices at their end", offsets.shape)
    if backend.of(starts).host_values and prod(starts.shape):
        steps = starts[1:] - starts[:-1]
        fits = int(starts[0]) == 0 and int(starts[-1]) <= n and not bool((steps < 0).any())
        if not fits or (include_last_offset and int(starts[-1]) != n):
            expected = f"offsets that rise from 0 to at most {n}" + (", at the end" if include_last_offset else "")
            raise DataError("embedding_bag", expected, offsets.tolist()[:10])
    return starts[:-1] if include_last_offset else starts


def _check_settings(mode: str, scale: bool, weights: Tensor | None) -> None:
    if mode not in MODES:
        raise SettingError("embedding_bag", "a known mode", repr(mode), nearest(str(mode), MODES))
    if scale and mode == "max":
        raise SettingError("embedding_bag", 'mode "sum" or "mean" with scale_grad_by_freq', repr(mode))
    if weights is not None and mode != "sum":
        raise SettingError("embedding_bag", 'mode "sum" with per_sample_weights', repr(mode))
