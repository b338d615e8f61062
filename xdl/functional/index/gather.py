"""Reading and writing single elements by an index tensor, and by a mask.

    gather:       y[i][j][k] = x[i][index[i][j][k]][k]                       for dim = 1
    scatter:      y = x but  y[i][index[i][j][k]][k] = src[i][j][k]          (of equal places the last one stays)
    scatter_add:  y = x, and y[i][index[i][j][k]][k] += src[i][j][k]

The index has as many dimensions as x, and may be smaller. It becomes positions in the flattened x, so that `take`
and `sum_at` do the rest.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any, NamedTuple

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError, ShapeError
from xdl.functional import either
from xdl.functional.elementwise.convert import cast
from xdl.functional.elementwise.where import where
from xdl.functional.index.along import along, places, put_along
from xdl.functional.index.select import integer_index, runs, sum_at, take
from xdl.functional.operands import broadcast_shape, check_indices, one_dtype, one_number, same_backend
from xdl.functional.reduce.reduce import dims_of
from xdl.node import edge
from xdl.observe import composite, host_read
from xdl.tape import record
from xdl.tensor import Tensor


class Chosen(NamedTuple):
    """Elements chosen along one dimension, and the index (int64) of each."""

    values: Tensor
    indices: Tensor


def choose(
    operation: str, input: Tensor, dim: int, indices: Array, keepdim: bool = True, distinct: bool = True
) -> Chosen:
    """The elements of x at raw indices (int64, in range) along dim >= 0, and these, both on one node.

    indices:  as many dimensions as x, whose sizes they have but along dim
    keepdim:  without it dim, of size 1, goes
    distinct: whether no element is chosen twice
    """
    x, xp, shape = input.array, namespaces[type(indices)], tuple(indices.shape)
    _, y, _ = along(xp.reshape(x, x.shape or (1,)), xp.reshape(indices, shape or (1,)), dim)
    result = shape if keepdim or not shape else (*shape[:dim], *shape[dim + 1 :])
    rule = partial(_choose_rule, operation, tuple(x.shape) or (1,), dim, shape or (1,), distinct)
    both = xp.reshape(y, result), xp.reshape(indices, result)
    return Chosen(*record(both, (edge(input),), rule, keep_y=(False, True)))


def _choose_rule(
    operation: str,
    shape: tuple[int, ...],
    d: int,
    kept: tuple[int, ...],
    distinct: bool,
    needs: Any,
    g: Any,
    y: Any,
    saved: Any,
    x: Any,
) -> tuple[Any]:
    indices = either.raw(y[1])
    indices = namespaces[type(indices)].reshape(indices, kept)
    if distinct and not isinstance(g[0], Tensor):
        return (put_along(either.reshape(g[0], kept), indices, d, shape[d])[1],)
    dx = sum_at(either.reshape(g[0], (prod(kept),)), places(indices, shape, d), 0, prod(shape))
    return (either.reshape(dx, shape),)


@composite
def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """y of index's shape, as in the module docstring, for x of any dtype and integer index in [0, size of dim).

    On NumPy an index out of range raises DataError. Raises ShapeError, DtypeError.
    """
    if input.ndim == 0:
        return gather(input.reshape(1), dim, index.reshape(1)).reshape(())
    return take(input.reshape(-1 if input.array.size else 0), _positions("gather", input, dim, index), 0).reshape(
        index.shape
    )


@composite
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """`gather` with x and indices broadcast against each other but for dim; without dim both are flattened."""
    if dim is None:
        return gather(input.flatten(), 0, indices.flatten())
    (d,) = dims_of("take_along_dim", input.ndim, dim)
    if indices.ndim != input.ndim:
        raise ShapeError("take_along_dim", f"indices of {input.ndim} dimensions", indices.shape)
    mine, other = list(input.shape), list(indices.shape)
    mine[d] = other[d] = 1
    full = list(broadcast_shape("take_along_dim", tuple(mine), tuple(other)))
    mine, other = full.copy(), full.copy()
    mine[d], other[d] = input.shape[d], indices.shape[d]
    return gather(input.expand(mine), d, indices.expand(other))


@composite
def scatter(input: Tensor, dim: int, index: Tensor, src: Tensor | float) -> Tensor:
    """y as in the module docstring; src is a Tensor at least as large as index, or a number.

    The gradient of src goes to the elements that stayed. On NumPy an index out of range raises DataError. Raises
    ShapeError, DtypeError.
    """
    if isinstance(src, Tensor):
        one_dtype("scatter", input=input, src=src)
    else:
        src = one_number("scatter", input, src)
    if input.ndim == 0:
        return scatter(input.reshape(1), dim, index.reshape(1), _as_1d(src)).reshape(())
    positions = _positions("scatter", input, dim, index)
    if not index.array.size:
        return input * 1
    writer, present = last_writers(positions, input.array.size)
    values = take(_cut("scatter", src, index).flatten(), writer, 0) if isinstance(src, Tensor) else src
    return where(Tensor(present), values, input.flatten()).reshape(input.shape)


@composite
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """y as in the module docstring; src is at least as large as index. The order of the additions is fixed.

    On NumPy an index out of range raises DataError. Raises ShapeError, DtypeError.
    """
    one_dtype("scatter_add", input=input, src=src)
    if input.ndim == 0:
        return scatter_add(input.reshape(1), dim, index.reshape(1), src.reshape(1)).reshape(())
    positions = _positions("scatter_add", input, dim, index)
    added = sum_at(_cut("scatter_add", src, index).flatten(), positions, 0, input.array.size)
    return input + added.reshape(input.shape)


@composite
def masked_fill(input: Tensor, mask: Tensor, value: Tensor | float) -> Tensor:
    """x, but value where mask holds: value is a number or 0-d, mask is bool and broadcasts to x's shape."""
    _bool("masked_fill", input, mask)
    if broadcast_shape("masked_fill", input.shape, mask.shape) != input.shape:
        raise ShapeError("masked_fill", f"a mask that broadcasts to {input.shape}", mask.shape)
    if isinstance(value, Tensor) and value.ndim:
        raise ShapeError("masked_fill", "a number or a 0-d value", value.shape)
    value = cast(value, input.dtype) if isinstance(value, Tensor) else one_number("masked_fill", input, value)
    return where(mask, value, input)


@composite
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements of x where the bool mask holds, as (n,); both broadcast. Waits for the device: n is a value."""
    _bool("masked_select", input, mask)
    host_read("masked_select", mask.array)
    shape = broadcast_shape("masked_select", input.shape, mask.shape)
    (ids,) = namespaces[type(mask.array)].nonzero(mask.expand(shape).flatten().array)
    return take(input.expand(shape).flatten(), ids, 0)


def last_writers(positions: Array, size: int) -> tuple[Array, Array]:
    """For each place in [0, size): which of positions (n,), n > 0, is the last to name it (any if none), and if any."""
    order, last, present = runs(positions, size)
    return namespaces[type(positions)].take(order, last), present


def positions_of(operation: str, input: Tensor, dim: int, index: Tensor, src: Tensor) -> tuple[Array, Tensor]:
    """Where index points in the flattened input, and what of src belongs there, both flat."""
    return _positions(operation, input, dim, index), _cut(operation, src, index).flatten()


def _positions(operation: str, input: Tensor, dim: int, index: Tensor) -> Array:
    """Where index points in the flattened input, (index.size,)."""
    (d,) = dims_of(operation, input.ndim, dim)
    ids = integer_index(operation, input, index)
    if index.ndim != input.ndim or any(
        i != d and n > size for i, (n, size) in enumerate(zip(index.shape, input.shape, strict=True))
    ):
        raise ShapeError(operation, f"an index no larger than {input.shape} but at dim {d}", index.shape)
    check_indices(operation, "index", ids, input.shape[d])
    return places(ids, input.shape, d)


def _cut(operation: str, src: Tensor, index: Tensor) -> Tensor:
    """The corner of src that index covers."""
    if src.shape == index.shape:
        return src
    if src.ndim != index.ndim or any(n > size for n, size in zip(index.shape, src.shape, strict=True)):
        raise ShapeError(operation, f"src at least as large as index {index.shape}", src.shape)
    return src[tuple([slice(n) for n in index.shape])]


def _as_1d(src: Tensor | float) -> Tensor | float:
    return src.reshape(1) if isinstance(src, Tensor) else src


def _bool(operation: str, input: Tensor, mask: Tensor) -> None:
    same_backend(operation, input=input, mask=mask)
    if kinds[mask.array.dtype] != "bool":
        raise DtypeError(operation, "a bool mask", mask.dtype)
