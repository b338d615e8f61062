"""Elements replaced or reduced by index and mask: made of `gather`'s functions, each with its gradient."""

from __future__ import annotations

from typing import Any

from xdl.backend import namespaces
from xdl.errors import SettingError, ShapeError
from xdl.functional.elementwise.where import where
from xdl.functional.index.gather import last_writers, masked_fill, positions_of, scatter
from xdl.functional.index.order import order_of
from xdl.functional.index.select import integer_index, sum_at, take
from xdl.functional.operands import broadcast_shape, check_indices, one_dtype
from xdl.functional.reduce.reduce import dims_of
from xdl.functional.shape.shape import cat
from xdl.observe import composite
from xdl.tensor import Tensor

REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")

__all__ = ["index_copy", "index_fill", "masked_scatter", "scatter_reduce"]


@composite
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """x with src's elements, at the places that index names as in `scatter`, reduced by "sum", "prod", "mean", "amax"
    or "amin", together with x's own element there if include_self. Equal extremes share the gradient.

    Raises SettingError, ShapeError, DtypeError, DataError for an index out of range on NumPy.
    """
    if reduce not in REDUCTIONS:
        raise SettingError("scatter_reduce", f"reduce: one of {', '.join(REDUCTIONS)}", repr(reduce))
    one_dtype("scatter_reduce", input=input, src=src)
    if not input.ndim:
        one = scatter_reduce(input.reshape(1), dim, index.reshape(1), src.reshape(1), reduce, include_self=include_self)
        return one.reshape(())
    places, values = positions_of("scatter_reduce", input, dim, index, src)
    x, size = input.flatten(), input.array.size
    xp = namespaces[type(places)]
    if not places.shape[0]:
        return input * 1
    own = xp.arange(size, device=places.device)
    _, named = last_writers(places, size)
    if include_self:
        values, places = cat([x, values]), xp.concat([own, places])
    y = _reduced(values, places, size, reduce)
    return where(Tensor(named), y, x).reshape(input.shape)


def _reduced(values: Tensor, places: Any, size: int, reduce: str) -> Tensor:
    """The values (n,) at each of `size` places together; anything where none is."""
    xp = namespaces[type(places)]
    if reduce in ("sum", "mean"):
        total = sum_at(values, places, 0, size)
        if reduce == "sum":
            return total
        count = sum_at(Tensor(xp.ones(places.shape, dtype=values.array.dtype, device=places.device)), places, 0, size)
        many = Tensor(xp.where(count.array == 0, xp.ones_like(count.array), count.array))
        return total / many if values.is_floating_point() else total // many
    if reduce == "prod":
        return _products(values, places, size)
    order = order_of(values.array, 0, descending=reduce == "amin")
    writer, _ = last_writers(xp.take(places, order), size)
    best = xp.take(xp.take(values.array, order), writer)
    if not values.is_floating_point():
        return Tensor(best)
    tied = xp.astype(xp.take(best, places) == values.array, values.array.dtype)
    share = tied / xp.take(sum_at(Tensor(tied), places, 0, size).array, places)
    return sum_at(values * Tensor(xp.where(tied == 0, xp.zeros_like(share), share)), places, 0, size)


def _products(values: Tensor, places: Any, size: int) -> Tensor:
    """Running products inside runs of equal places, by doubling; the last of each run is the whole one."""
    xp = namespaces[type(places)]
    order = xp.argsort(places, stable=True)
    sorted_places, y, step, n = xp.take(places, order), take(values, order, 0), 1, places.shape[0]
    while step < n:
        same = Tensor(sorted_places[step:] == sorted_places[: n - step])
        y = cat([y[:step], where(same, y[step:] * y[: n - step], y[step:])])
        step *= 2
    writer, _ = last_writers(sorted_places, size)
    return take(y, writer, 0)


@composite
def index_fill(input: Tensor, dim: int, index: Tensor, value: Tensor | float) -> Tensor:
    """x, but value (a number or 0-d) at the places along dim that index (n,) names. Raises ShapeError, DtypeError."""
    (d,) = dims_of("index_fill", input.ndim, dim)
    ids = integer_index("index_fill", input, index)
    if ids.ndim > 1 or not input.ndim:
        raise ShapeError("index_fill", "an index (n,), and an input with dimensions", f"{index.shape}, {input.shape}")
    xp, n = namespaces[type(ids)], input.shape[d]
    ids = xp.reshape(ids, (-1,))
    ids = xp.where(ids < 0, ids + n, ids)
    check_indices("index_fill", "index", ids, n)
    named = xp.any(xp.arange(n, device=ids.device)[:, None] == ids, axis=1)
    mask = Tensor(xp.reshape(named, (n, *[1] * (input.ndim - d - 1))))
    return masked_fill(input, mask, value)


@composite
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """x with source's slices at the places along dim that index (n,) names. Raises ShapeError, DtypeError."""
    (d,) = dims_of("index_copy", input.ndim, dim)
    if index.ndim > 1 or source.ndim != input.ndim or (input.ndim and source.shape[d] != index.array.size):
        raise ShapeError("index_copy", "an index (n,), and n slices as source", f"{index.shape} and {source.shape}")
    places = index.reshape([-1 if i == d else 1 for i in range(input.ndim)]).expand(source.shape)
    return scatter(input, dim, places, source)


@composite
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """x, but source's elements in their order where the bool mask, which broadcasts, holds.

    Raises ShapeError where source has fewer elements than x, DtypeError.
    """
    one_dtype("masked_scatter", input=input, source=source)
    shape = broadcast_shape("masked_scatter", input.shape, mask.shape)
    holds = mask.expand(shape)
    n = source.array.size
    xp = namespaces[type(holds.array)]
    wanted = int(Tensor(xp.sum(xp.astype(holds.array, xp.int64))))
    if wanted > n:
        raise ShapeError("masked_scatter", f"a source of at least {wanted} elements", source.shape)
    if not n:
        return input.expand(shape) * 1
    place = xp.cumulative_sum(xp.astype(xp.reshape(holds.array, (-1,)), xp.int64)) - 1
    values = take(source.flatten(), xp.clip(place, 0, n - 1), 0).reshape(shape)
    return where(holds, values, input)
