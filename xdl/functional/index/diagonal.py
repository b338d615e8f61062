"""Diagonals and triangles of matrices. The diagonal `offset` has the elements [i, i + offset]."""

from __future__ import annotations

from xdl.backend import namespaces
from xdl.errors import ShapeError
from xdl.functional.elementwise.convert import clone
from xdl.functional.elementwise.where import where
from xdl.functional.index.indexing import unslice
from xdl.functional.reduce.reduce import dims_of
from xdl.observe import composite
from xdl.tensor import Tensor


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The elements [i, i + offset] of dimensions dim1 and dim2, along a new last dimension. Raises ShapeError."""
    if input.ndim < 2:
        raise ShapeError("diagonal", "at least two dimensions", input.shape)
    a, b = dims_of("diagonal", input.ndim, (dim1, dim2))
    rows, columns = input.shape[a], input.shape[b]
    rest = [d for d in range(input.ndim) if d not in (a, b)]
    flat = input.permute([*rest, a, b]).reshape(*[input.shape[d] for d in rest], rows * columns)
    return flat[(..., _steps(rows, columns, offset))]


def _steps(rows: int, columns: int, offset: int) -> slice:
    """Where a diagonal lies in a flattened matrix: each step goes one row down and one column right."""
    n = min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns)
    first = offset if offset >= 0 else -offset * columns
    return slice(first, first + (n - 1) * (columns + 1) + 1, columns + 1) if n > 0 else slice(0, 0)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """A vector (n,) on a diagonal of a square matrix of zeros, or a copy of that diagonal of a matrix. Raises
    ShapeError."""
    if input.ndim == 2:
        return clone(_diagonal_of(input, diagonal))
    if input.ndim != 1:
        raise ShapeError("diag", "a vector or a matrix", input.shape)
    n = input.shape[0] + abs(diagonal)
    y = unslice(input, (_steps(n, n, diagonal),), (n * n,))
    return y.reshape(n, n)


@composite
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Vectors (..., n) on a diagonal of square matrices of zeros, whose dimensions become dim1 and dim2 of y.

    Raises ShapeError for a 0-d tensor and for dims that are the same.
    """
    if not input.ndim:
        raise ShapeError("diag_embed", "at least one dimension", input.shape)
    a, b = dims_of("diag_embed", input.ndim + 1, (dim1, dim2))
    *batch, k = input.shape
    n = k + abs(offset)
    y = unslice(input, (..., _steps(n, n, offset)), (*batch, n * n)).reshape(*batch, n, n)
    return y.movedim((-2, -1), (a, b))


@composite
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """`diag` of all elements of x in one dimension."""
    return diag(input.reshape(-1 if input.array.size else 0), offset)


_diagonal_of = diagonal  # `diag` has an argument of that name


@composite
def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix. Raises ShapeError."""
    if input.ndim != 2:
        raise ShapeError("trace", "a matrix", input.shape)
    return diagonal(input).sum()


@composite
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """x (..., N, M) with zeros above a diagonal: y[i, j] = x[i, j] where j <= i + diagonal. Raises ShapeError."""
    return _triangle("tril", input, diagonal, lower=True)


@composite
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """x (..., N, M) with zeros below a diagonal: y[i, j] = x[i, j] where j >= i + diagonal. Raises ShapeError."""
    return _triangle("triu", input, diagonal, lower=False)


def _triangle(operation: str, input: Tensor, diagonal: int, lower: bool) -> Tensor:
    if input.ndim < 2:
        raise ShapeError(operation, "at least two dimensions", input.shape)
    x = input.array
    xp = namespaces[type(x)]
    above = xp.arange(x.shape[-1], device=x.device) - xp.arange(x.shape[-2], device=x.device)[:, None]
    return where(Tensor(above <= diagonal if lower else above >= diagonal), input, False)
