"""Order and counting: sort, argsort, topk, kthvalue, one_hot, bincount, nonzero, searchsorted.

Sorting is stable always, puts nan last (first if descending) and hands the gradient to where each value came from.
"""

from __future__ import annotations

from itertools import product

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DataError, DtypeError, SettingError, ShapeError
from xdl.functional.index.gather import Chosen, choose
from xdl.functional.index.select import sum_at
from xdl.functional.operands import check_indices, operands, promoted, same_backend
from xdl.functional.reduce.reduce import dims_of
from xdl.kernel import Kernel
from xdl.observe import host_read
from xdl.tensor import Tensor


def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The indices (int64) that sort x along dim; no gradient. Equal elements keep their order also without stable."""
    if kinds[input.array.dtype] == "bool":
        raise DtypeError("argsort", "numbers", "bool")
    (d,) = dims_of("argsort", input.ndim, dim)
    x = input.array
    if not input.ndim:
        xp = namespaces[type(x)]
        return Tensor(xp.asarray(0, dtype=xp.int64, device=x.device))
    return Tensor(order_of(x, d, descending))


def order_of(x: Array, dim: int, descending: bool) -> Array:
    """The indices (int64) that sort x along dim, stably."""
    xp = namespaces[type(x)]
    if not descending:
        return xp.astype(xp.argsort(x, axis=dim, stable=True), xp.int64, copy=False)
    order = xp.argsort(xp.flip(x, axis=dim), axis=dim, stable=True)
    return x.shape[dim] - 1 - xp.astype(xp.flip(order, axis=dim), xp.int64, copy=False)


def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Chosen:
    """(values, indices) of x in order along dim. Raises ShapeError, DtypeError for bool."""
    indices = argsort(input, dim, descending).array
    return choose("sort", input, dims_of("sort", input.ndim, dim)[0], indices)


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Chosen:
    """(values, indices) of the k largest or smallest elements along dim, in order also without sorted.

    Raises ShapeError for k outside [0, size], DtypeError for bool.
    """
    if kinds[input.array.dtype] == "bool":
        raise DtypeError("topk", "numbers", "bool")
    (d,) = dims_of("topk", input.ndim, dim)
    size = input.shape[d] if input.ndim else 1
    if not 0 <= k <= size:
        raise ShapeError("topk", f"k in [0, {size}]", k)
    indices = top_indices(input.array, k, d, largest)[1] if input.ndim else argsort(input).array
    return choose("topk", input, d, indices)


class TopIndicesReference:
    """The indices of the k largest or smallest along dim: the first k in order."""

    @staticmethod
    def forward(x: Array, k: int, dim: int, largest: bool) -> tuple[Array, None]:
        first = (slice(None),) * dim + (slice(k),) + (slice(None),) * (x.ndim - dim - 1)
        return order_of(x, dim, largest)[first], None


top_indices = Kernel("top_indices", TopIndicesReference)


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Chosen:
    """(values, indices) of the k-th smallest element along dim; k counts from 1. Raises ShapeError, DtypeError."""
    (d,) = dims_of("kthvalue", input.ndim, dim)
    size = input.shape[d] if input.ndim else 1
    if not 1 <= k <= size:
        raise ShapeError("kthvalue", f"k in [1, {size}]", k)
    order = argsort(input, dim).array
    kept = order[(*(slice(None),) * d, slice(k - 1, k), ...)] if input.ndim else order
    return choose("kthvalue", input, d, kept, keepdim)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """y[..., k] = 1 where x[...] = k, else 0, for integer x in [0, num_classes): int64 (..., num_classes).

    num_classes = -1 takes the largest x and one more, for which a device has to be waited. On NumPy a class out of
    range raises DataError. Raises DtypeError, ShapeError for an empty x without num_classes.
    """
    x = _integers("one_hot", tensor)
    xp = namespaces[type(x)]
    if num_classes == -1:
        if not x.size:
            raise ShapeError("one_hot", "num_classes for an empty tensor", tensor.shape)
        num_classes = int(Tensor(xp.max(x))) + 1
    check_indices("one_hot", "classes", x, num_classes)
    classes = xp.arange(num_classes, dtype=x.dtype, device=x.device)
    return Tensor(xp.astype(xp.expand_dims(x, axis=-1) == classes, xp.int64))


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """y[v] = how often v occurs in integer x (n,), or the sum of its weights (n,), up to the largest v or minlength.

    Counts are int64; the sums have the weights' dtype, and a gradient. The result's size is a value: a device has to
    be waited for. Raises DataError for negative x, ShapeError, DtypeError.
    """
    x = _integers("bincount", input)
    xp = namespaces[type(x)]
    if input.ndim != 1 or (weights is not None and weights.shape != input.shape):
        raise ShapeError(
            "bincount", "input (n,) and weights (n,)", f"{input.shape} and {getattr(weights, 'shape', None)}"
        )
    size = minlength
    if x.size:
        if int(Tensor(xp.min(x))) < 0:
            raise DataError("bincount", "input of at least 0", int(Tensor(xp.min(x))))
        size = max(size, int(Tensor(xp.max(x))) + 1)
    values = Tensor(xp.ones(x.shape, dtype=xp.int64, device=x.device)) if weights is None else weights
    return sum_at(values, x, 0, size)


def nonzero(input: Tensor, as_tuple: bool = False) -> Tensor | tuple[Tensor, ...]:
    """Where x is not 0 (int64): the coordinates (n, ndim), or one (n,) per dimension with as_tuple.

    The result's shape is a value: a device has to be waited for.
    """
    x = input.array
    host_read("nonzero", x)
    xp = namespaces[type(x)]
    if not input.ndim:
        found = Tensor(xp.nonzero(xp.reshape(x, (1,)))[0])
        return (found,) if as_tuple else found.reshape(found.shape[0], 1)[:, :0]
    places = xp.nonzero(x)
    return tuple(map(Tensor, places)) if as_tuple else Tensor(xp.stack(places, axis=1))


def searchsorted(
    sorted_sequence: Tensor,
    input: Tensor | float,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where (int64, or int32) each x would be inserted in an ascending sequence to keep it in order.

    The sequence is (n,) and x of any shape, or a number; or there are many, (..., n), and x is (..., m).

    right, or side="right": after equal elements, not before; sorter: the indices that put the sequence in order, of its
    shape. Raises ShapeError, DtypeError, SettingError, and on NumPy DataError for an index outside [0, n) in sorter.
    """
    if side not in (None, "left", "right") or (side == "left" and right):
        raise SettingError("searchsorted", "side 'left' or 'right', and no other right", f"{side!r} and {right}")
    if isinstance(input, Tensor):
        s, x = [t.array for t in promoted("searchsorted", sorted_sequence=sorted_sequence, input=input)]
    else:
        s, number = operands("searchsorted", sorted_sequence, input)[3:]
        x = namespaces[type(s)].asarray(number, dtype=s.dtype, device=s.device)
    many = len(s.shape) > 1
    if not s.shape or (many and s.shape[:-1] != x.shape[:-1]):
        expected = "sorted_sequence (n,), or (..., n) for input (..., m)"
        raise ShapeError("searchsorted", expected, f"{s.shape} and {x.shape}")
    xp, side = namespaces[type(s)], "right" if right or side == "right" else "left"
    if sorter is not None:
        same_backend("searchsorted", sorted_sequence=sorted_sequence, sorter=sorter)
        s = _in_order(s, sorter)
    if many:
        found = xp.empty(x.shape, dtype=xp.int64, device=x.device)
        for row in product(*map(range, s.shape[:-1])):
            found[(*row, ...)] = xp.searchsorted(s[(*row, ...)], x[(*row, ...)], side=side)
    else:
        found = xp.searchsorted(s, x, side=side)
    return Tensor(xp.astype(found, xp.int32 if out_int32 else xp.int64, copy=False))


def _in_order(s: Array, sorter: Tensor) -> Array:
    """The sequences s (..., n) in the order of the indices (..., n). Raises ShapeError, DtypeError, DataError."""
    if sorter.shape != s.shape:
        raise ShapeError("searchsorted", f"a sorter of the sequence's shape {s.shape}", sorter.shape)
    order = _integers("searchsorted", sorter)
    check_indices("searchsorted", "sorter", order, s.shape[-1])
    return namespaces[type(s)].take_along_axis(s, order, axis=-1)


def _integers(operation: str, x: Tensor) -> Array:
    """The raw x as int64. Raises DtypeError unless it holds integers."""
    if kinds[x.array.dtype] != "int":
        raise DtypeError(operation, "integers", x.dtype)
    xp = namespaces[type(x.array)]
    return xp.astype(x.array, xp.int64, copy=False)
