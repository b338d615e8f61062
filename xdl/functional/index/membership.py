"""Where elements belong: in a set, between boundaries, in the bins of a histogram; and the indices of triangles."""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.backend import namespaces
from xdl.creation.filled import Where
from xdl.devices import empty_at
from xdl.errors import SettingError, ShapeError
from xdl.functional.index.order import nonzero, searchsorted
from xdl.functional.index.select import sum_at
from xdl.functional.operands import floating, in_common_dtype, same_backend
from xdl.tensor import Tensor

__all__ = ["argwhere", "bucketize", "histc", "isin", "tril_indices", "triu_indices"]


def isin(
    elements: Tensor, test_elements: Tensor | float, *, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Whether each element is one of the test elements, or is none with invert; bool. nan is in no set.

    assume_unique: accepted for PyTorch's sake
    """
    del assume_unique
    same_backend("isin", elements=elements)
    xp = namespaces[type(elements.array)]
    if not isinstance(test_elements, Tensor):
        test_elements = Tensor(xp.full((1,), test_elements, dtype=elements.array.dtype, device=elements.array.device))
    same_backend("isin", elements=elements, test_elements=test_elements)
    a, b = in_common_dtype([elements, test_elements])
    numbers = xp.int64 if a.dtype == "bool" else a.array.dtype
    x, known = xp.astype(a.array, numbers), xp.sort(xp.reshape(xp.astype(b.array, numbers), (-1,)))
    if not known.shape[0]:
        return Tensor(xp.full(x.shape, invert, dtype=xp.bool, device=x.device))
    place = xp.clip(xp.searchsorted(known, xp.reshape(x, (-1,))), 0, known.shape[0] - 1)
    found = xp.reshape(xp.take(known, place), x.shape) == x
    return Tensor(~found if invert else found)


def bucketize(input: Tensor | float, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """The number (int64, or int32) of the bucket between ascending boundaries (n,) in which each x, or a number, lies.

    right: an x equal to a boundary belongs to the bucket after it. Raises ShapeError, DtypeError.
    """
    if boundaries.ndim != 1:
        raise ShapeError("bucketize", "boundaries (n,)", boundaries.shape)
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many elements lie in each of equal bins between min and max (both belong to them), in x's floating dtype.

    Where both are equal, the least and the largest element take their place, for which a device has to be waited.
    """
    floating("histc", input=input)
    if not isinstance(bins, int) or not 1 <= bins < 1 << 31 or not min <= max:
        raise SettingError("histc", "bins of at least 1, and min <= max", f"{bins}, {min} and {max}")
    x = input.array
    xp = namespaces[type(x)]
    low, high = float(min), float(max)
    if low == high and x.size:
        low, high = float(Tensor(xp.min(x))), float(Tensor(xp.max(x)))
    if low == high:
        low, high = low - 1, high + 1
    flat = xp.reshape(x, (-1,))
    inside = (flat >= low) & (flat <= high)
    bin_ = xp.astype(xp.floor((xp.where(inside, flat, low) - low) * (bins / (high - low))), xp.int64)
    ones = Tensor(xp.astype(inside, x.dtype))
    return sum_at(ones, xp.clip(bin_, 0, bins - 1), 0, bins)


def argwhere(input: Tensor) -> Tensor:
    """The coordinates (n, ndim) of the elements that are not 0, int64; a device has to be waited for."""
    found = nonzero(input)
    assert isinstance(found, Tensor)
    return found


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = "int64", device: Where = None) -> Tensor:
    """(2, n): rows and columns of the elements of a (row, col) matrix on and below a diagonal, row by row."""
    return _triangle("tril_indices", row, col, dtype, device, lambda i: range(min(max(i + offset + 1, 0), col)))


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = "int64", device: Where = None) -> Tensor:
    """(2, n): rows and columns of the elements of a (row, col) matrix on and above a diagonal, row by row."""
    return _triangle("triu_indices", row, col, dtype, device, lambda i: range(min(max(i + offset, 0), col), col))


def _triangle(operation: str, row: int, col: int, dtype: Any, device: Where, columns: Any) -> Tensor:
    if not (isinstance(row, int) and isinstance(col, int) and 0 <= row < 1 << 31 and 0 <= col < 1 << 31):
        raise ShapeError(operation, "row and col of at least 0", f"{row} and {col}")
    places = [(i, j) for i in range(row) for j in columns(i)]
    _, like = empty_at(device, dtype)
    here = backend.of(like)
    pairs = here.asarray([[i for i, _ in places], [j for _, j in places]], backend.dtype_name(like), here.index(like))
    return Tensor(namespaces[type(pairs)].reshape(pairs, (2, len(places))))
