"""What the functions of linear algebra share: checks of shapes, calls of the array library, and masks of matrices."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import DataError, ShapeError
from xdl.functional import either
from xdl.functional.operands import floating
from xdl.tensor import Tensor


def matrices(operation: str, **arguments: Tensor) -> None:
    """Raises ShapeError unless each has at least two dimensions; DtypeError and BackendError as `floating`."""
    floating(operation, **arguments)
    for name, x in arguments.items():
        if x.ndim < 2:
            raise ShapeError(operation, f"{name} (..., m, n)", x.shape)


def square(operation: str, A: Tensor) -> None:
    """`matrices`, and ShapeError unless A is square."""
    matrices(operation, A=A)
    if A.shape[-2] != A.shape[-1]:
        raise ShapeError(operation, "A (..., n, n)", A.shape)


def computed(operation: str, expected: str, function: Callable[..., Any], *arrays: Array) -> Any:
    """function(*arrays) of the array library, over matrices of the same batch.

    expected: what each matrix must be; the DataError says where in the batch the first stands that is not
    """
    with backend.of(arrays[0]).linear_algebra():
        try:
            return function(*arrays)
        except ValueError as error:  # the array libraries' LinAlgError is one
            raise DataError(operation, expected, _refused(function, arrays)) from error


def _refused(function: Callable[..., Any], arrays: tuple[Array, ...]) -> str:
    """Where the first matrix stands that the function refuses."""
    batch = arrays[0].shape[:-2]
    for place in product(*map(range, batch)):
        try:
            function(*[x[(*place, slice(None), slice(None))] for x in arrays])
        except ValueError:
            break
    return f"one that is not, at {place} of the batch" if batch else "one that is not"


def along_columns(x: either.Either) -> either.Either:
    """x (..., n) as (..., 1, n): multiplies the columns of a matrix."""
    return either.reshape(x, (*x.shape[:-1], 1, x.shape[-1]))


def along_rows(x: either.Either) -> either.Either:
    """x (..., n) as (..., n, 1): multiplies the rows of a matrix."""
    return either.reshape(x, (*x.shape, 1))


def everywhere(x: either.Either) -> either.Either:
    """x (...) as (..., 1, 1): multiplies whole matrices."""
    return either.reshape(x, (*x.shape, 1, 1))


def weights(like: either.Either, below: float, diagonal: float, above: float) -> either.Either:
    """A matrix of like's shape with one number below the diagonal, one on it and one above it."""
    x = either.raw(like)
    xp = namespaces[type(x)]
    above_by = xp.arange(x.shape[-1], device=x.device) - xp.arange(x.shape[-2], device=x.device)[:, None]
    off = xp.where(above_by < 0, xp.full((), below, dtype=x.dtype, device=x.device), above)
    return either.constant(xp.where(above_by == 0, diagonal, off), like)


def over_gaps(x: either.Either, values: either.Either) -> either.Either:
    """x[i, j] / (values[j] - values[i]), 0 on the diagonal; nan or infinite where two values are equal."""
    unit = weights(x, 0.0, 1.0, 0.0)
    return x * weights(x, 1.0, 0.0, 1.0) / (along_columns(values) - along_rows(values) + unit)
