"""The largest, the smallest and the middle element, and where it is.

`dim` is an int, for amax and amin also a tuple of ints, or None for all elements; `keepdim` leaves size 1. Each raises
ShapeError where there is no element to choose, DtypeError for bool.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import ShapeError
from xdl.functional import either
from xdl.functional.elementwise.unary import numeric_namespace
from xdl.functional.elementwise.where import maximum, minimum
from xdl.functional.index.gather import choose
from xdl.functional.reduce.reduce import Dim, dims_of, kept_shape
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


def amax(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """y = the maximum of x over dim; the gradient is shared equally among tied maxima, and nan where y is."""
    dims = _chosen("amax", input, dim)
    y = namespaces[type(input.array)].max(input.array, axis=dims, keepdims=keepdim)
    return record(y, (input,), partial(_ties_rule, "amax", dims, False), keep_y=True)


def amin(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """y = the minimum of x over dim; the gradient is shared equally among tied minima, and nan where y is."""
    dims = _chosen("amin", input, dim)
    y = namespaces[type(input.array)].min(input.array, axis=dims, keepdims=keepdim)
    return record(y, (input,), partial(_ties_rule, "amin", dims, False), keep_y=True)


def _ties_rule(
    operation: str, dims: tuple[int, ...], nan_ties: bool, needs: Any, g: Any, y: Any, saved: Any, x: Any
) -> tuple[Any]:
    """g in equal parts to the x that equal y; where y is nan to all nan if nan_ties, else nan."""
    values = either.raw(x)
    kept = kept_shape(values.shape, dims)
    xp = namespaces[type(values)]
    chosen = xp.reshape(either.raw(y), kept)
    tied = values == chosen
    if nan_ties:
        tied = tied | (xp.isnan(values) & xp.isnan(chosen))
    ties = xp.astype(tied, values.dtype)
    share = ties / xp.sum(ties, axis=dims, keepdims=True)
    return (either.reshape(g, kept) * either.constant(share, g),)


@composite
def max(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False) -> Any:
    """Without dim the largest element, with the gradient shared by ties.

    With dim `Chosen(values, indices)`, with the gradient at the index.
    With a Tensor in the place of dim: the larger one of every two elements, as `maximum`.
    """
    if isinstance(dim, Tensor):
        return maximum(input, dim)
    if dim is None:
        return _whole("max", input)
    (d,) = _chosen("max", input, dim) or (0,)
    return choose("max", input, d, argmax(input, dim, keepdim=True).array, keepdim)


@composite
def min(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False) -> Any:
    """Without dim the smallest element, with the gradient shared by ties.

    With dim `Chosen(values, indices)`, with the gradient at the index.
    With a Tensor in the place of dim: the smaller one of every two elements, as `minimum`.
    """
    if isinstance(dim, Tensor):
        return minimum(input, dim)
    if dim is None:
        return _whole("min", input)
    (d,) = _chosen("min", input, dim) or (0,)
    return choose("min", input, d, argmin(input, dim, keepdim=True).array, keepdim)


def _whole(operation: str, input: Tensor) -> Tensor:
    """The largest or smallest of all elements; the gradient of nan is shared by all that are nan."""
    dims = _chosen(operation, input, None)
    y = getattr(namespaces[type(input.array)], operation)(input.array)
    return record(y, (input,), partial(_ties_rule, operation, dims, True), keep_y=True)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower one of the middle elements in order, nan where an element is nan: of all elements a Tensor.

    With dim `Chosen(values, indices)`. The gradient goes to the tied middle elements of all in equal parts, or to
    the index.
    """
    dims, xp = _chosen("median", input, dim), namespaces[type(input.array)]
    if dim is not None:
        (d,) = dims or (0,)
        return choose("median", input, d, _middle(input.array, d), keepdim)
    flat = xp.reshape(input.array, (-1,))
    y = xp.reshape(xp.take_along_axis(flat, _middle(flat, 0), axis=0), ())
    return record(y, (input,), partial(_ties_rule, "median", dims, True), keep_y=True)


def _middle(x: Array, d: int) -> Array:
    """The index of the lower middle element along d, of the first nan where there is one; size 1 along d."""
    xp = namespaces[type(x)]
    if not x.shape:
        return xp.zeros((), dtype=xp.int64, device=x.device)
    middle = (x.shape[d] - 1) // 2
    order = xp.argsort(x, axis=d)[(*(slice(None),) * d, slice(middle, middle + 1), ...)]
    bad = xp.astype(xp.isnan(x), xp.int64)
    return xp.where(xp.max(bad, axis=d, keepdims=True) > 0, xp.argmax(bad, axis=d, keepdims=True), order)


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the first maximum along dim, or in the flattened x; no gradient."""
    dims = _chosen("argmax", input, dim)
    axis = dims[0] if dim is not None and dims else None
    return Tensor(namespaces[type(input.array)].argmax(input.array, axis=axis, keepdims=keepdim))


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the first minimum along dim, or in the flattened x; no gradient."""
    dims = _chosen("argmin", input, dim)
    axis = dims[0] if dim is not None and dims else None
    return Tensor(namespaces[type(input.array)].argmin(input.array, axis=axis, keepdims=keepdim))


def _chosen(operation: str, input: Tensor, dim: Dim) -> tuple[int, ...]:
    """The dimensions, with something to choose from along them."""
    numeric_namespace(operation, input)
    dims = dims_of(operation, input.ndim, dim) if input.ndim else ()
    if 0 in [input.array.shape[d] for d in dims]:
        raise ShapeError(operation, "at least one element along dim", f"shape {input.shape}")
    return dims
