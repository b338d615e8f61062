"""Numbers that the host reads of vectors (n,) on any backend, and vectors made from what users give."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.creation import tensor
from xdl.errors import DtypeError, ShapeError
from xdl.functional.either import matmul
from xdl.tensor import Tensor


def dot(a: Array, b: Array) -> float:
    """a . b"""
    return float(Tensor(namespaces[type(a)].sum(a * b)).item())


def largest(a: Array) -> float:
    """The largest |a_i|, nan where one is."""
    xp = namespaces[type(a)]
    return float(Tensor(xp.max(xp.abs(a))).item())


def times(matrix: Array, v: Array) -> Array:
    """matrix v for a matrix (n, n)."""
    xp = namespaces[type(v)]
    return xp.reshape(matmul(matrix, xp.reshape(v, (-1, 1))), (-1,))


def outer(a: Array, b: Array) -> Array:
    """The matrix of all a_i b_j (n, n)."""
    xp = namespaces[type(a)]
    return xp.reshape(a, (-1, 1)) * xp.reshape(b, (1, -1))


def array_like(operation: str, name: str, value: Any, like: Array, shape: tuple[int, ...]) -> Array:
    """What a user's function gave, as an array of its own, of a shape and of like's dtype and backend.

    Raises DtypeError for what are no numbers, ShapeError.
    """
    given = numbers(operation, name, value)
    if given.shape != shape and (prod(given.shape) != prod(shape) or len(shape) > 1):
        raise ShapeError(operation, f"{name} of shape {shape}", given.shape)
    x = given.array
    if type(x) is not type(like) or x.dtype != like.dtype:
        x = backend.of(like).asarray(given.numpy(), backend.dtype_name(like))
    return namespaces[type(x)].reshape(x, shape)


def numbers(operation: str, name: str, value: Any, dtype: str | None = None, hint: str = "") -> Tensor:
    """What a user gave as a Tensor with a copy of it. Raises DtypeError for what are no numbers in a rectangle."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    try:
        return tensor(value, dtype=dtype)
    except DtypeError as error:
        raise DtypeError(operation, f"numbers as {name}", error.found, hint) from error
