"""Tensors with the same value everywhere, the unit matrix, and memory without values.

Sizes are given one by one or together: zeros(2, 3), zeros((2, 3)), zeros(size=(2, 3)). All raise ShapeError for sizes
that are none, DtypeError and BackendError.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from xdl.backend import dtype_name
from xdl.devices import Device, device_of, empty_at
from xdl.errors import DeviceMemoryError, DtypeError, ShapeError
from xdl.promotion import DEFAULTS, number_kind
from xdl.tensor import Tensor

LARGEST = 1 << 60  # elements of an array
Size = int | Sequence[int]
Where = Device | str | int | None


def zeros(
    *shape: Size,
    size: Size | None = None,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """All 0, float32 unless told otherwise."""
    return full(sizes("zeros", shape, size), 0, dtype or "float32", device=device, requires_grad=requires_grad)


def ones(
    *shape: Size,
    size: Size | None = None,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """All 1, float32 unless told otherwise."""
    return full(sizes("ones", shape, size), 1, dtype or "float32", device=device, requires_grad=requires_grad)


def full(size: Size, fill_value: float, dtype: Any = None, device: Where = None, requires_grad: bool = False) -> Tensor:
    """All `fill_value`, in its own dtype unless told otherwise: float32, int64 or bool."""
    shape = sizes("full", (size,), None)
    kind = number_kind(fill_value, "full")
    xp, like = empty_at(device, dtype or DEFAULTS[kind])
    try:
        y = xp.full(shape, fill_value, dtype=like.dtype, device=like.device)
    except (OverflowError, ValueError) as error:
        raise DtypeError("full", f"a value that {dtype_name(like)} holds", fill_value) from error
    return Tensor(y, requires_grad)


def empty(
    *shape: Size,
    size: Size | None = None,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """Memory as it comes: any values, float32 unless told otherwise."""
    xp, like = empty_at(device, dtype or "float32")
    return Tensor(xp.empty(sizes("empty", shape, size), dtype=like.dtype, device=like.device), requires_grad)


def eye(n: int, m: int | None = None, dtype: Any = None, device: Where = None, requires_grad: bool = False) -> Tensor:
    """(n, m), or (n, n): 1 where row and column have the same number, else 0; float32 unless told otherwise."""
    rows, columns = sizes("eye", (n, n if m is None else m), None)
    xp, like = empty_at(device, dtype or "float32")
    return Tensor(xp.eye(rows, columns, dtype=like.dtype, device=like.device), requires_grad)


def zeros_like(input: Tensor, dtype: Any = None, device: Where = None, requires_grad: bool = False) -> Tensor:
    """All 0, with input's shape and, unless told otherwise, its dtype and device."""
    return full_like(input, 0, dtype, device, requires_grad)


def ones_like(input: Tensor, dtype: Any = None, device: Where = None, requires_grad: bool = False) -> Tensor:
    """All 1, with input's shape and, unless told otherwise, its dtype and device."""
    return full_like(input, 1, dtype, device, requires_grad)


def full_like(
    input: Tensor, fill_value: float, dtype: Any = None, device: Where = None, requires_grad: bool = False
) -> Tensor:
    """All `fill_value`, with input's shape and, unless told otherwise, its dtype and device."""
    where = placed("full_like", input, device)
    return full(input.shape, fill_value, dtype or input.dtype, where, requires_grad)


def empty_like(input: Tensor, dtype: Any = None, device: Where = None, requires_grad: bool = False) -> Tensor:
    """Memory as it comes, with input's shape and, unless told otherwise, its dtype and device."""
    where = placed("empty_like", input, device)
    return empty(input.shape, dtype=dtype or input.dtype, device=where, requires_grad=requires_grad)


def placed(operation: str, like: Tensor, device: Where) -> Where:
    """The device that was given, or that of a tensor. Raises DtypeError for what is no Tensor."""
    if not isinstance(like, Tensor):
        raise DtypeError(operation, "a Tensor as input", type(like).__name__, "Wrap it with xdl.tensor(...)")
    return device_of(like.array) if device is None else device


def one_size(operation: str, n: Any) -> int:
    """A size that is one number. Raises ShapeError for another."""
    found = sizes(operation, (n,), None)
    if len(found) != 1:
        raise ShapeError(operation, "one size", n)
    return found[0]


def sizes(operation: str, shape: tuple[Any, ...], size: Any) -> tuple[int, ...]:
    """A shape in any of its spellings. Raises ShapeError unless its sizes are whole numbers of at least 0.

    Raises DeviceMemoryError for more elements than any machine holds.
    """
    given = shape if size is None else (*shape, size)
    if len(given) == 1 and isinstance(given[0], Sequence | Tensor):
        given = tuple(given[0])
    try:
        found = tuple([one.__index__() for one in given if not isinstance(one, bool)])
    except (AttributeError, DtypeError, ShapeError) as error:
        raise ShapeError(operation, "sizes that are whole numbers", given) from error
    if len(found) < len(given) or min(found, default=0) < 0:
        raise ShapeError(operation, "sizes that are whole numbers of at least 0", given)
    if prod(found) >= LARGEST:
        raise DeviceMemoryError(operation, "sizes for which a machine has memory", found)
    return found
