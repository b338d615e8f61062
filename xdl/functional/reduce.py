"""Reductions: sum, mean, maximum, and where the maximum is.

`dim` is an int, a tuple of ints or None for all dimensions; `keepdim` leaves them with size 1.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError, ShapeError
from xdl.functional import either
from xdl.functional.operands import floating
from xdl.tape import record
from xdl.tensor import Tensor

Dim = int | tuple[int, ...] | None


class MaxResult(NamedTuple):
    """What `max(input, dim)` returns: the maxima, and the index of the first one along dim (int64)."""

    values: Tensor
    indices: Tensor


def dims_of(operation: str, ndim: int, dim: Dim) -> tuple[int, ...]:
    """The dimensions as a tuple of non-negative ints. Raises ShapeError for one out of range or named twice."""
    given = tuple(range(ndim)) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    count = ndim or 1  # a 0-d tensor counts as (1,)
    out = tuple([d + count if d < 0 else d for d in given])
    if any(not 0 <= d < count for d in out) or len(set(out)) < len(out):
        raise ShapeError(operation, f"different dims in [{-count}, {count})", dim)
    return out


def sum(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """y = the sum of x over dim; dy/dx = 1. Integers sum to int64, as do bools, which count as 0 and 1."""
    dims = dims_of("sum", input.ndim, dim) if input.ndim else ()
    x, xp = input.data, namespaces[type(input.data)]
    y = xp.sum(xp.astype(x, xp.int64) if kinds[x.dtype] == "bool" else x, axis=dims, keepdims=keepdim)
    return record(y, (input.node or input,), partial(_sum_rule, input.data.shape, dims, 1.0))


def mean(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """y = the mean of x over dim; dy/dx = 1 / n for n elements to one mean. Floating x; the mean of none is nan."""
    floating("mean", input=input)
    dims = dims_of("mean", input.ndim, dim) if input.ndim else ()
    n = 1
    for d in dims:
        n *= input.data.shape[d]
    y = namespaces[type(input.data)].sum(input.data, axis=dims, keepdims=keepdim)
    scale = 1 / n if n else float("nan")
    return record(y * scale, (input.node or input,), partial(_sum_rule, input.data.shape, dims, scale))


def _sum_rule(
    shape: tuple[int, ...], dims: tuple[int, ...], scale: float, needs: Any, g: Any, y: Any, saved: Any, x: Any
) -> tuple[Any]:
    kept = tuple([1 if i in dims else size for i, size in enumerate(shape)])
    return (either.expand(either.reshape(g * scale if scale != 1 else g, kept), shape),)


def amax(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """y = the maximum of x over dim; the gradient is shared equally among tied maxima.

    Raises ShapeError where there is no element to take the maximum of.
    """
    dims = dims_of("amax", input.ndim, dim) if input.ndim else ()
    if any(input.data.shape[d] == 0 for d in dims):
        raise ShapeError("amax", "at least one element along dim", f"shape {input.shape}")
    y = namespaces[type(input.data)].max(input.data, axis=dims, keepdims=keepdim)
    return record(y, (input,), partial(_amax_rule, dims), keep_y=True)


def _amax_rule(dims: tuple[int, ...], needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    values = either.raw(x)
    kept = tuple([1 if i in dims else size for i, size in enumerate(values.shape)])
    xp = namespaces[type(values)]
    ties = xp.astype(values == xp.reshape(either.raw(y), kept), values.dtype)
    share = ties / xp.sum(ties, axis=dims, keepdims=True)
    return (either.reshape(g, kept) * either.constant(share, g),)


def max(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Without dim the largest element, as `amax`; with dim `MaxResult(values, indices)`, the gradient at the index.

    Raises ShapeError where there is no element to take the maximum of.
    """
    if dim is None:
        return amax(input)
    if input.ndim == 0:
        return MaxResult(amax(input), argmax(input))
    (d,) = dims_of("max", input.ndim, dim)
    kept = argmax(input, d, keepdim=True).data
    xp = namespaces[type(kept)]
    y = xp.take_along_axis(input.data, kept, axis=d)
    indices = kept
    if not keepdim:
        y, indices = xp.squeeze(y, axis=d), xp.squeeze(kept, axis=d)
    values = record(y, (input.node or input,), partial(_max_rule, input.data.shape, d, kept))
    return MaxResult(values, Tensor(indices))


def _max_rule(
    shape: tuple[int, ...], d: int, kept: Array, needs: Any, g: Any, y: Any, saved: Any, x: Any
) -> tuple[Any]:
    xp = namespaces[type(kept)]
    places = xp.reshape(
        xp.arange(shape[d], device=kept.device), tuple([-1 if i == d else 1 for i in range(len(shape))])
    )
    return (either.where(kept == places, either.expand(either.reshape(g, kept.shape), shape), 0.0),)


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the first maximum along dim, or in the flattened x; no gradient.

    Raises ShapeError where there is no element, DtypeError for bool.
    """
    if kinds[input.data.dtype] == "bool":
        raise DtypeError("argmax", "numbers", "bool")
    dims = dims_of("argmax", input.ndim, dim) if input.ndim else ()
    if any(input.data.shape[d] == 0 for d in dims):
        raise ShapeError("argmax", "at least one element along dim", f"shape {input.shape}")
    axis = None if dim is None else dims[0]
    return Tensor(namespaces[type(input.data)].argmax(input.data, axis=axis, keepdims=keepdim))
