"""Tensors of uniform, normal and whole random numbers, and random orders.

generator: the stream to draw from, `stream("random")` without it. Sizes are spelt as in `xdl.zeros`.
All raise ShapeError for sizes that are none, DtypeError for a dtype that cannot hold the numbers, BackendError.
"""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.backend import kinds, named_dtype, namespaces
from xdl.creation.filled import Size, Where, one_size, placed, sizes
from xdl.devices import Device, empty_at, moved
from xdl.errors import DtypeError, SettingError
from xdl.random.streams import Stream, drawn_from, stream
from xdl.tensor import Tensor


def rand(
    *shape: Size,
    size: Size | None = None,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
    generator: Stream | None = None,
) -> Tensor:
    """Uniform numbers in [0, 1), float32 unless told otherwise."""
    like = _here(device, "uint64")
    x = drawn_from(generator).uniform(sizes("rand", shape, size), _floating(dtype), like)
    return _there(x, device, requires_grad)


def randn(
    *shape: Size,
    size: Size | None = None,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
    generator: Stream | None = None,
) -> Tensor:
    """Normal numbers of mean 0 and variance 1, float32 unless told otherwise."""
    like = _here(device, "uint64")
    x = drawn_from(generator).normal(sizes("randn", shape, size), _floating(dtype), like)
    return _there(x, device, requires_grad)


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    generator: Stream | None = None,
    *,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """Whole numbers in [low, high), int64 unless told otherwise: randint(high, size) or randint(low, high, size).

    Raises SettingError for an empty range.
    """
    if size is None:
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    for bound in (low, high):
        if not isinstance(bound, int):
            raise SettingError("randint", "whole numbers as low and high, then a size", f"{low!r}, {high!r}, {size!r}")
    x = drawn_from(generator).integers(low, high, sizes("randint", (size,), None), _here(device, "uint64"))
    wanted = _here(device, dtype or "int64").dtype
    limits = namespaces[type(x)].iinfo(wanted) if kinds[wanted] == "int" else None
    if limits is not None and (low < limits.min or high - 1 > limits.max):
        raise DtypeError("randint", f"numbers that {dtype} holds", f"[{low}, {high})")
    return _there(namespaces[type(x)].astype(x, wanted, copy=False), device, requires_grad)


def randperm(n: int, generator: Stream | None = None, dtype: Any = None, device: Where = None) -> Tensor:
    """The numbers 0 to n - 1 in random order (n,), int64 unless told otherwise."""
    x = drawn_from(generator).permutation(one_size("randperm", n), _here(device, "uint64"))
    return _there(namespaces[type(x)].astype(x, _here(device, dtype or "int64").dtype, copy=False), device)


def rand_like(
    input: Tensor,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
    generator: Stream | None = None,
) -> Tensor:
    """`rand` with input's shape and, unless told otherwise, its dtype and device."""
    where = placed("rand_like", input, device)
    return rand(input.shape, dtype=dtype or input.dtype, device=where, requires_grad=requires_grad, generator=generator)


def randn_like(
    input: Tensor,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
    generator: Stream | None = None,
) -> Tensor:
    """`randn` with input's shape and, unless told otherwise, its dtype and device."""
    where = placed("randn_like", input, device)
    return randn(
        input.shape, dtype=dtype or input.dtype, device=where, requires_grad=requires_grad, generator=generator
    )


def randint_like(
    input: Tensor, low: int, high: int | None = None, dtype: Any = None, generator: Stream | None = None
) -> Tensor:
    """`randint` with input's shape and device and, unless told otherwise, its dtype."""
    where = placed("randint_like", input, None)
    return randint(low, high, input.shape, generator, dtype=dtype or input.dtype, device=where)


def permutation(n: int, generator: Stream | None = None) -> Any:
    """The numbers 0 to n - 1 in random order as a NumPy array, for loops on the host: by default from "shuffle"."""
    host = backend.load("numpy").asarray([], "uint64")
    return (generator or stream("shuffle")).permutation(one_size("permutation", n), host)


def _floating(dtype: Any) -> str:
    return named_dtype(dtype or "float32")


def _here(device: Where, dtype: Any) -> Any:
    return empty_at(device, dtype)[1]


def _there(x: Any, device: Where, requires_grad: bool = False) -> Tensor:
    """A tensor of what was drawn on the card that computes, on the card that was named."""
    return Tensor(x if device is None else moved(x, Device(device)), requires_grad)
