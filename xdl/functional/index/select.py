"""Selection along one dimension by integer indices, and its adjoint, the sum into places.

    take:    y[..., i, ...] = x[..., ids[i], ...]
    sum_at:  y[..., v, ...] = the sum of x[..., i, ...] over all i with ids[i] = v

Each is the gradient of the other. The order of the additions is fixed, so that equal runs give equal bits.
Everything that reads or adds by index is made of these two: indexing, gather, scatter_add, reflection padding, ...
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any, overload

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError, ShapeError
from xdl.functional.operands import check_indices, one_dtype, same_backend
from xdl.functional.reduce.reduce import dims_of
from xdl.kernel import Kernel
from xdl.node import edge
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor, recording


class SumAtReference:
    """y (A, V, B) with y[:, v] = the sum of x[:, i] (A, n, B) over all i with ids[i] = v.

    A stable sort brings equal ids together. Then log2 n doubling steps leave in every row the sum of its run so
    far (Hillis and Steele, Data Parallel Algorithms, 1986); the last row of a run holds all of it.
    """

    @staticmethod
    def forward(x: Array, ids: Array, v: int) -> tuple[Array, None]:
        xp = namespaces[type(x)]
        a, n, b = x.shape
        if not n:
            return xp.zeros((a, v, b), dtype=x.dtype, device=x.device), None
        order, last, present = runs(ids, v)
        ordered, sums = xp.take(ids, order), xp.take(x, order, axis=1)
        step = 1
        while step < n:
            same = (ordered[step:] == ordered[:-step])[:, None]
            grown = sums[:, step:, :] + xp.where(same, sums[:, :-step, :], zero(x))
            sums = xp.concat([sums[:, :step, :], grown], axis=1)
            step *= 2
        return xp.where(present[:, None], xp.take(sums, last, axis=1), zero(x)), None


sum_at_slot = Kernel("sum_at", SumAtReference)


def runs(ids: Array, v: int) -> tuple[Array, Array, Array]:
    """Where each number below v stands among ids (n,), n > 0.

    (order, last, present): order (n,) sorts ids stably; present (v,) says which numbers occur, and last (v,) where
    the last of each stands in that order (anywhere if absent).
    """
    xp = namespaces[type(ids)]
    order = xp.argsort(ids, stable=True)
    ordered = xp.take(ids, order)
    numbers = xp.arange(v, dtype=ids.dtype, device=ids.device)
    end = xp.searchsorted(ordered, numbers, side="right")
    last = xp.where(end > 0, end - 1, end)
    return order, last, (end > 0) & (xp.take(ordered, last) == numbers)


def zero(like: Array) -> Array:
    """A 0-d zero of the same type and device."""
    return namespaces[type(like)].asarray(0, dtype=like.dtype, device=like.device)


@overload
def take(x: Tensor, ids: Array, dim: int) -> Tensor: ...
@overload
def take(x: Array, ids: Array, dim: int) -> Array: ...
def take(x: Any, ids: Array, dim: int) -> Any:
    """`take` of the module docstring for an array or a Tensor x, raw ids (n,) in [0, size), along dim >= 0."""
    if not isinstance(x, Tensor):
        return namespaces[type(x)].take(x, ids, axis=dim)
    return record(take(x.array, ids, dim), (edge(x),), partial(_take_rule, ids, dim, x.array.shape[dim]))


def _take_rule(ids: Array, dim: int, size: int, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (sum_at(g, ids, dim, size),)


@overload
def sum_at(x: Tensor, ids: Array, dim: int, size: int) -> Tensor: ...
@overload
def sum_at(x: Array, ids: Array, dim: int, size: int) -> Array: ...
def sum_at(x: Any, ids: Array, dim: int, size: int) -> Any:
    """`sum_at` of the module docstring for an array or a Tensor x, raw ids (n,): size at dim >= 0 instead of n."""
    if not isinstance(x, Tensor):
        return _sum_at(x, ids, dim, size)
    return record(_sum_at(x.array, ids, dim, size), (edge(x),), partial(_sum_at_rule, ids, dim))


def _sum_at_rule(ids: Array, dim: int, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (take(g, ids, dim),)


def _sum_at(x: Array, ids: Array, dim: int, size: int) -> Array:
    xp = namespaces[type(x)]
    before, after = x.shape[:dim], x.shape[dim + 1 :]
    flat = xp.reshape(x, (prod(before), ids.shape[0], prod(after)))
    return xp.reshape(sum_at_slot(flat, ids, size)[1], (*before, size, *after))


@composite
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """y[..., i, ...] = x[..., index[i], ...] along dim, for integer index (n,) in [0, size), or 0-d.

    On NumPy an index out of range raises DataError. Raises ShapeError, DtypeError.
    """
    if input.ndim == 0:
        return index_select(input.reshape(1), dim, index).reshape(())
    d, ids = _ids("index_select", input, dim, index)
    return take(input, ids, d)


@composite
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, alpha: float = 1) -> Tensor:
    """y = x, plus alpha source[..., i, ...] at index[i] along dim; equal indices add up, in order.

    index (n,) integer in [0, size); source has x's shape but for n at dim. On NumPy an index out of range raises
    DataError. Raises ShapeError, DtypeError.
    """
    d, ids = _ids("index_add", input, dim, index)
    one_dtype("index_add", input=input, source=source)
    wanted = (*input.shape[:d], ids.shape[0], *input.shape[d + 1 :])
    if source.shape != wanted:
        raise ShapeError("index_add", f"source of shape {wanted}", source.shape)
    return input + sum_at(source * alpha if alpha != 1 else source, ids, d, input.shape[d])


def integer_index(operation: str, input: Tensor, index: Tensor) -> Array:
    """The raw index as int64, while recording a copy: a gradient reads it later, when it may have been written.

    Raises DtypeError unless it is an integer Tensor, BackendError unless beside input.
    """
    same_backend(operation, input=input, index=index)
    if kinds[index.array.dtype] != "int":
        raise DtypeError(operation, "an integer index", index.dtype)
    xp = namespaces[type(index.array)]
    return xp.astype(index.array, xp.int64, copy=recording.get())


def _ids(operation: str, input: Tensor, dim: int, index: Tensor) -> tuple[int, Array]:
    """The dimension as a non-negative int, and the index as checked raw ids (n,)."""
    (d,) = dims_of(operation, input.ndim, dim)
    ids = integer_index(operation, input, index)
    if index.ndim > 1:
        raise ShapeError(operation, "index (n,)", index.shape)
    check_indices(operation, "index", ids, input.shape[d])
    return d, namespaces[type(ids)].reshape(ids, (index.array.size,))
