"""Reductions by adding and counting: sums and means, with nan left out too, any, all, logsumexp.

`dim` is an int, a tuple of ints or None for all dimensions; `keepdim` leaves them with size 1.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import kinds, namespaces
from xdl.errors import ShapeError
from xdl.functional import either
from xdl.functional.elementwise.convert import cast
from xdl.functional.elementwise.logic import truth
from xdl.functional.operands import floating
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor

Dim = int | tuple[int, ...] | None


def dims_of(operation: str, ndim: int, dim: Dim) -> tuple[int, ...]:
    """The dimensions as a tuple of non-negative ints. Raises ShapeError for one out of range or named twice."""
    given = tuple(range(ndim)) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    count = ndim or 1  # a 0-d tensor counts as (1,)
    out = tuple([d + count if d < 0 else d for d in given])
    if [d for d in out if not 0 <= d < count]:
        raise ShapeError(operation, f"dims in [{-count}, {count})", dim)
    if len(set(out)) < len(out):
        raise ShapeError(operation, "different dims", dim)
    return out


def kept_shape(shape: tuple[int, ...], dims: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with size 1 in the reduced dimensions."""
    return tuple([1 if i in dims else size for i, size in enumerate(shape)])


def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """y = the sum of x over dim; dy/dx = 1. Integers of every size sum to int64, as do bools, counted as 0 and 1.

    dtype: what x is converted to first, and what y is of.
    """
    if dtype is not None:
        return cast(sum(cast(input, dtype), dim, keepdim), dtype)
    dims = dims_of("sum", input.ndim, dim) if input.ndim else ()
    x, xp = input.array, namespaces[type(input.array)]
    y = xp.sum(x if kinds[x.dtype] == "float" else xp.astype(x, xp.int64), axis=dims, keepdims=keepdim)
    return record(y, (input.node or input,), partial(_sum_rule, "sum", input.array.shape, dims, 1.0))


def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """y = the mean of x over dim; dy/dx = 1 / n for n elements to one mean. Floating x; the mean of none is nan."""
    if dtype is not None:
        input = cast(input, dtype)
    floating("mean", input=input)
    dims = dims_of("mean", input.ndim, dim) if input.ndim else ()
    n = 1
    for d in dims:
        n *= input.array.shape[d]
    y = namespaces[type(input.array)].sum(input.array, axis=dims, keepdims=keepdim)
    scale = 1 / n if n else float("nan")
    return record(y * scale, (input.node or input,), partial(_sum_rule, "mean", input.array.shape, dims, scale))


def _sum_rule(
    operation: str,
    shape: tuple[int, ...],
    dims: tuple[int, ...],
    scale: float,
    needs: Any,
    g: Any,
    y: Any,
    saved: Any,
    x: Any,
) -> tuple[Any]:
    spread = either.reshape(g * scale if scale != 1 else g, kept_shape(shape, dims))
    return (either.expand(spread, shape),)


def nansum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """y = the sum of x over dim, nan counted as 0; dy/dx = 1 where x is no nan, else 0. Integers sum as in `sum`."""
    if dtype is not None:
        return cast(nansum(cast(input, dtype), dim, keepdim), dtype)
    if kinds[input.array.dtype] != "float":
        return sum(input, dim, keepdim)
    dims = dims_of("nansum", input.ndim, dim) if input.ndim else ()
    x, xp = input.array, namespaces[type(input.array)]
    y = xp.sum(xp.where(xp.isnan(x), 0.0, x), axis=dims, keepdims=keepdim)
    return record(y, (input,), partial(_nansum_rule, dims))


def _nansum_rule(dims: tuple[int, ...], needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    values = either.raw(x)
    spread = either.expand(either.reshape(g, kept_shape(values.shape, dims)), values.shape)
    return (either.where(~namespaces[type(values)].isnan(values), spread, 0.0),)


@composite
def nanmean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """y = the mean over dim of the x that are no nan; nan where there is none. Floating x."""
    if dtype is not None:
        input = cast(input, dtype)
    floating("nanmean", input=input)
    total = nansum(input, dim, keepdim)
    x, xp = input.array, namespaces[type(input.array)]
    dims = dims_of("nanmean", input.ndim, dim) if input.ndim else ()
    count = xp.sum(xp.astype(~xp.isnan(x), x.dtype), axis=dims, keepdims=keepdim)
    return total / Tensor(xp.where(count == 0, float("nan"), count))


def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether all elements over dim are true (not 0, not False), bool; True for none."""
    dims = dims_of("all", input.ndim, dim) if input.ndim else ()
    x = truth("all", input)
    return Tensor(namespaces[type(x)].all(x, axis=dims, keepdims=keepdim))


def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether an element over dim is true (not 0, not False), bool; False for none."""
    dims = dims_of("any", input.ndim, dim) if input.ndim else ()
    x = truth("any", input)
    return Tensor(namespaces[type(x)].any(x, axis=dims, keepdims=keepdim))


def count_nonzero(input: Tensor, dim: Dim = None) -> Tensor:
    """The number (int64) of elements over dim that are not 0."""
    dims = dims_of("count_nonzero", input.ndim, dim) if input.ndim else ()
    x, xp = truth("count_nonzero", input), namespaces[type(input.array)]
    return Tensor(xp.sum(xp.astype(x, xp.int64), axis=dims))


def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    """y = ln sum of e**x over dim, the maximum taken out first; dy/dx = e**(x - y). Floating x; -inf for no x."""
    floating("logsumexp", input=input)
    dims = dims_of("logsumexp", input.ndim, dim) if input.ndim else ()
    x, xp = input.array, namespaces[type(input.array)]
    kept = kept_shape(x.shape, dims)
    if 0 in [x.shape[d] for d in dims]:
        y = xp.full(kept, -float("inf"), dtype=x.dtype, device=x.device)
    else:
        m = xp.max(x, axis=dims, keepdims=True)
        finite = xp.where(xp.isfinite(m), m, 0.0)
        total = xp.sum(xp.exp(xp.where(xp.isinf(m), -1.0, x - finite)), axis=dims, keepdims=True)
        y = xp.where(xp.isinf(m), m, xp.log(total) + finite)
    shape = kept if keepdim else tuple([size for i, size in enumerate(x.shape) if i not in dims])
    return record(xp.reshape(y, shape), (input,), partial(_logsumexp_rule, kept), keep_y=True)


def _logsumexp_rule(kept: tuple[int, ...], needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (either.reshape(g, kept) * either.exp(x - either.reshape(y, kept)),)
