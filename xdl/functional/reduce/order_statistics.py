"""Running extremes, quantiles, differences, and two statistics at once."""

from __future__ import annotations

from typing import Any, NamedTuple

from xdl.backend import namespaces
from xdl.errors import DataError, DtypeError, SettingError, ShapeError
from xdl.functional.elementwise.where import where
from xdl.functional.index.gather import Chosen, choose, gather
from xdl.functional.index.order import sort
from xdl.functional.operands import floating, same_backend
from xdl.functional.reduce.extremes import amax, amin
from xdl.functional.reduce.reduce import Dim, dims_of, mean
from xdl.functional.reduce.running import running_best
from xdl.functional.reduce.statistics import corrected, std, var
from xdl.functional.shape.shape import cat
from xdl.observe import composite
from xdl.tensor import Tensor

INTERPOLATIONS = ("linear", "lower", "higher", "nearest", "midpoint")

__all__ = ["aminmax", "cummax", "cummin", "diff", "nanquantile", "quantile", "std_mean", "var_mean"]


class Bounds(NamedTuple):
    """The smallest and the largest elements."""

    min: Tensor
    max: Tensor


@composite
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Bounds:
    """(min, max) as by `amin` and `amax`, of all elements or along dim. Raises as they do."""
    return Bounds(amin(input, dim, keepdim), amax(input, dim, keepdim))


def cummax(input: Tensor, dim: int) -> Chosen:
    """(values, indices) of the largest element so far along dim, the last of equal ones; nan from the first nan on."""
    return _running("cummax", input, dim, largest=True)


def cummin(input: Tensor, dim: int) -> Chosen:
    """(values, indices) of the smallest element so far along dim, the last of equal ones; nan from the first nan on."""
    return _running("cummin", input, dim, largest=False)


def _running(operation: str, input: Tensor, dim: int, largest: bool) -> Chosen:
    same_backend(operation, input=input)
    if input.dtype == "bool":
        raise DtypeError(operation, "numbers", "bool")
    (d,) = dims_of(operation, input.ndim, dim)
    x, xp = input.array, namespaces[type(input.array)]
    if not input.ndim:
        return choose(operation, input, 0, xp.zeros((), dtype=xp.int64, device=x.device))
    return choose(operation, input, d, running_best(x, d, largest)[1], distinct=False)


@composite
def quantile(
    input: Tensor, q: Tensor | float, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The values below which the share q of the elements lies: of q in [0, 1], 0-d or (Q,), in a first dimension.

    interpolation: between the two nearest in order, "linear", "lower", "higher", "nearest" or "midpoint"

    Floating x; nan where an element is nan. Raises ShapeError for none, SettingError, DataError for q outside [0, 1].
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation, skip=False)


@composite
def nanquantile(
    input: Tensor, q: Tensor | float, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """`quantile` of the elements that are no nan."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, skip=True)


def _quantile(
    operation: str, input: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, skip: bool
) -> Tensor:
    floating(operation, input=input)
    if interpolation not in INTERPOLATIONS:
        raise SettingError(operation, f"interpolation: one of {', '.join(INTERPOLATIONS)}", repr(interpolation))
    x, xp = input.array, namespaces[type(input.array)]
    if not isinstance(q, Tensor):
        if not 0 <= q <= 1:
            raise DataError(operation, "q in [0, 1]", q)
        q = Tensor(xp.full((), q, dtype=x.dtype, device=x.device))
    if q.dtype != input.dtype or q.ndim > 1 or not x.size:
        found = f"{q.dtype} {q.shape} and {input.dtype} {input.shape}"
        raise ShapeError(operation, "q () or (Q,) of input's dtype, and an input with elements", found)
    (d,) = dims_of(operation, input.ndim, 0 if dim is None else dim)
    rows = input.reshape(-1) if dim is None or not input.ndim else input.movedim(d, -1)
    s = sort(rows, -1).values
    bad = xp.isnan(s.array)
    count = xp.sum(xp.astype(~bad, x.dtype), axis=-1, keepdims=True) if skip else s.shape[-1]
    rank = xp.reshape(q.array, (-1,)) * (count - 1)  # (..., Q)
    rank = xp.clip(xp.broadcast_to(rank, (*s.shape[:-1], rank.shape[-1])), 0.0, s.shape[-1] - 1.0)
    low, high = xp.floor(rank), xp.ceil(rank)
    if interpolation == "nearest":
        low = high = xp.round(rank)
    elif interpolation in ("lower", "higher"):
        low = high = low if interpolation == "lower" else high
    share = 0.5 if interpolation == "midpoint" else Tensor(rank - low)
    below, above = (gather(s, -1, Tensor(xp.astype(place, xp.int64))) for place in (low, high))
    y = below + (above - below) * share
    lost = xp.all(bad, axis=-1, keepdims=True) if skip else xp.any(bad, axis=-1, keepdims=True)
    y = where(Tensor(lost), float("nan"), y).movedim(-1, 0)
    if keepdim:
        y = y.reshape(-1, *([1] * input.ndim)) if dim is None else y.unsqueeze(d + 1)
    return y if q.ndim else y[0]


@composite
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """The differences x[i + 1] - x[i] along dim, n times, after tensors joined in front and behind; of bools, xor."""
    if not isinstance(n, int) or not 0 <= n < 1 << 20:
        raise SettingError("diff", "n: a whole number of at least 0", repr(n))
    (d,) = dims_of("diff", input.ndim, dim)
    if not input.ndim:
        raise ShapeError("diff", "at least one dimension", input.shape)
    y = cat([t for t in (prepend, input, append) if t is not None], d)
    every = (slice(None),) * d
    for _ in range(min(n, y.shape[d])):
        later, earlier = y[(*every, slice(1, None))], y[(*every, slice(None, -1))]
        y = later != earlier if y.dtype == "bool" else later - earlier
    return y


@composite
def std_mean(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """(`std`, `mean`)."""
    over, by = corrected("std_mean", dim, unbiased, correction)
    return std(input, over, None, keepdim, correction=by), mean(input, over, keepdim)


@composite
def var_mean(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """(`var`, `mean`)."""
    over, by = corrected("var_mean", dim, unbiased, correction)
    return var(input, over, None, keepdim, correction=by), mean(input, over, keepdim)
