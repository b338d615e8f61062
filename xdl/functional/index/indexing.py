"""x[key] as in NumPy: integers, slices, None, ..., and with them index arrays and masks.

Without index arrays the result is a view. Index arrays (integer Tensors, lists) broadcast together to a shape B;
an integer beside them counts as one. The dimensions of B stand where the first of them stood, or in front if a
slice or None lies between them. A bool mask of k dimensions stands for the k index arrays of its true places, so
the result's shape depends on its values: a device has to be waited for.
"""

from __future__ import annotations

import operator
from functools import partial
from math import prod
from operator import index as as_int
from types import EllipsisType, NoneType
from typing import Any, overload

from xdl import backend, observe
from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError, RangeError, ShapeError
from xdl.functional.aliases import share
from xdl.functional.index.select import take
from xdl.functional.operands import broadcast_shape, same_backend
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor

Part = Any  # of a full key: None, an int, a slice, or a raw array of int64
PLAIN = {int: 1, slice: 1, NoneType: 0, EllipsisType: 0}  # what stands for itself in a key, and the dimensions it takes


def getitem(input: Tensor, key: Any) -> Tensor:
    """x[key]: a view for integers, slices and None, else new values; the module docstring says what key may be.

    Raises RangeError for an integer out of range, ShapeError for too many parts or a mask of another shape, DtypeError
    for another kind of key, and on NumPy DataError for an index array out of range.
    """
    parts = full_key(input, key)
    return read(input, parts) if has_arrays(parts) else _slice(input, parts)


def read(input: Tensor, parts: tuple[Part, ...]) -> Tensor:
    """x[parts] for a full key with index arrays: their dimensions are merged into one, and `take` selects from it."""
    x = _slice(input, tuple([part if part is None or isinstance(part, slice) else slice(None) for part in parts]))
    places = [i for i, part in enumerate(parts) if part is not None and not isinstance(part, slice)]
    first, k = places[0], len(places)
    if places[-1] - first + 1 > k:
        x = x.permute([*places, *(i for i in range(x.ndim) if i not in places)])
        first = 0
    ids: Any = 0
    for i, place in enumerate(places):
        ids = ids + parts[place] * prod(x.shape[first + i + 1 : first + k])
    before, after = x.shape[:first], x.shape[first + k :]
    flat = x.reshape(*before, prod(x.shape[first : first + k]), *after) if k > 1 else x
    chosen = take(flat, namespaces[type(ids)].reshape(ids, (ids.size,)), first)
    return chosen.reshape(*before, *ids.shape, *after) if ids.ndim != 1 else chosen


def _slice(x: Tensor, key: tuple[Part, ...]) -> Tensor:
    """The view x[key] for a full key without arrays; a last ... keeps a single element an array."""
    rule = partial(getitem_rule, tuple(x.array.shape), key)
    return share(record(x.array[(*key, Ellipsis)], (edge(x),), rule), x, rule, operator.getitem, (*key, Ellipsis))


def getitem_rule(shape: Any, key: Any, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    """The gradient of a slice: its adjoint."""
    return (unslice(g, key, shape),)


@overload
def unslice(x: Tensor, key: Any, shape: tuple[int, ...]) -> Tensor: ...
@overload
def unslice(x: Array, key: Any, shape: tuple[int, ...]) -> Array: ...
def unslice(x: Any, key: Any, shape: tuple[int, ...]) -> Any:
    """The adjoint of a slice, for an array or a Tensor: zeros of `shape` with y[key] = x."""
    if not isinstance(x, Tensor):
        return _unslice(x, key, shape)
    return record(_unslice(x.array, key, shape), (edge(x),), partial(_unslice_rule, key))


def _unslice_rule(key: Any, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g[key],)


def _unslice(x: Array, key: Any, shape: tuple[int, ...]) -> Array:
    xp = namespaces[type(x)]
    y = xp.zeros(shape, dtype=x.dtype, device=x.device)
    if None in key:  # a new dimension is in x alone
        key = tuple([part for part in key if part is not None])
        x = xp.reshape(x, y[key].shape)
    y[key] = x
    return y


def has_arrays(parts: tuple[Part, ...]) -> bool:
    """Whether a full key has index arrays."""
    return any(type(part) not in PLAIN for part in parts)


def full_key(x: Tensor, key: Any) -> tuple[Part, ...]:
    """The key as a tuple with ... written out and masks as index arrays, checked."""
    given = key if isinstance(key, tuple) else (key,)
    parts = [part if type(part) in PLAIN else _part(x, part) for part in given]
    if observe.launches is not None:
        observe.given("indexing", key=tuple([part for part in parts if type(part) in PLAIN]))
    taken = sum([PLAIN[type(part)] if type(part) in PLAIN else _width(part) for part in parts])
    if taken > x.ndim:
        raise ShapeError("indexing", f"at most {x.ndim} indices for shape {x.shape}", taken)
    at = [i for i, part in enumerate(parts) if part is Ellipsis]
    if len(at) > 1:
        raise DtypeError("indexing", "one ... at most", len(at))
    rest = [slice(None)] * (x.ndim - taken)
    where = at[0] if at else len(parts)
    full: list[Part] = []
    shape, dim = x.array.shape, 0
    for part in [*parts[:where], *rest, *parts[where + 1 :]]:
        if part is None:
            full.append(None)
        else:
            full += _within(part, shape[dim:])
            dim += 1 if type(part) in PLAIN else _width(part)
    arrays = [part for part in full if type(part) not in PLAIN]
    if len(arrays) > 1:
        broadcast_shape("indexing", *[tuple(part.shape) for part in arrays])
    return tuple(full)


def _part(x: Tensor, part: Any) -> Part:
    """One part of a key that is not plain: an int, or the raw array of a Tensor, list or host array."""
    if isinstance(part, list | tuple):
        array = backend.of(x.array).asarray(list(part))
        part = Tensor(array if array.size else backend.of(x.array).asarray(list(part), "int64"))
    elif not isinstance(part, Tensor | bool) and getattr(part, "shape", None):
        part = Tensor(backend.of(x.array).asarray(part))
    elif isinstance(part, Tensor) and part.ndim and part.dtype == "uint8":
        part = part != 0  # PyTorch's masks before there was bool
    if isinstance(part, Tensor):
        same_backend("indexing", input=x, index=part)
        kind = kinds[part.array.dtype]
        if kind == "float" or (kind == "bool" and not part.ndim):
            raise DtypeError("indexing", "an integer Tensor or a bool mask with dimensions", part.dtype)
        return part.array
    if isinstance(part, bool) or not hasattr(part, "__index__"):
        raise DtypeError("indexing", "integers, slices, None, ..., index Tensors and masks", type(part).__name__)
    return as_int(part)


def _width(part: Part) -> int:
    """How many dimensions a part that is not plain takes."""
    return part.ndim if hasattr(part, "dtype") and kinds[part.dtype] == "bool" else 1


def _within(part: Part, sizes: tuple[int, ...]) -> list[Part]:
    """The part in range for dimensions of these sizes, as one entry per dimension that it takes."""
    size = sizes[0]
    if isinstance(part, int):
        if not -size <= part < size:
            raise RangeError("indexing", f"an index in [{-size}, {size})", part)
        return [part % size]
    if not isinstance(part, slice):
        return _places(part, sizes)
    try:
        start, stop, step = part.indices(size)
    except (TypeError, ValueError) as error:
        raise DtypeError("indexing", "a slice of integers with a step other than 0", f"{part} ({error})") from error
    return [slice(start, None if stop < 0 else stop, step) if size else slice(0, 0)]


def _places(part: Array, sizes: tuple[int, ...]) -> list[Array]:
    """Index arrays in [0, size): of a mask where it holds; negative indices count from the end."""
    xp = namespaces[type(part)]
    if kinds[part.dtype] == "bool":
        check_mask(tuple(part.shape), sizes[: part.ndim])
        observe.host_read("indexing by a mask", part)
        return list(xp.nonzero(part))
    size = sizes[0]
    part = xp.astype(part, xp.int64, copy=False)
    backend.of(part).check_range("indexing", "indices", part, -size, size)
    return [xp.where(part < 0, part + size, part)]


def check_mask(shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    """Raises ShapeError unless a mask has these sizes."""
    if shape != sizes:
        raise ShapeError("indexing", f"a mask of shape {sizes}", shape)
