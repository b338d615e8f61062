"""Norms of vectors and matrices, and the condition number. `dtype` converts before anything is computed."""

from __future__ import annotations

import math
from typing import Any

from xdl.errors import SettingError, ShapeError
from xdl.functional.elementwise.rounding import abs
from xdl.functional.reduce.reduce import Dim, dims_of
from xdl.functional.reduce.statistics import norm as p_norm
from xdl.functional.shape.rearrange import movedim
from xdl.linalg.matrices import square
from xdl.linalg.solving import inv
from xdl.linalg.spectra import svdvals
from xdl.observe import composite
from xdl.tensor import Tensor

ORDERS = ("fro", "nuc", math.inf, -math.inf, 1, -1, 2, -2)


@composite
def vector_norm(x: Tensor, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """y = (sum |x|**ord)**(1/ord) over dim, by default over all elements, as `xdl.norm`.

    ord: a number; inf is the largest |x|, -inf the smallest, 0 the count of x that are not 0. Raises ShapeError,
    DtypeError, SettingError.
    """
    if isinstance(ord, str):
        raise SettingError("vector_norm", "a number as ord", repr(ord))
    return p_norm(x if dtype is None else x.to(dtype), float(ord), dim, keepdim)


@composite
def matrix_norm(
    A: Tensor,
    ord: float | str = "fro",
    dim: tuple[int, int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """A norm of the matrices that lie in two dimensions of A.

    ord: "fro" the root of the sum of squares; "nuc" the sum of the singular values, 2 the largest of them, -2 the
    smallest; 1 the largest sum of absolute values in a column, -1 the smallest; inf and -inf the same of rows

    Raises ShapeError for other than two dims and for no element to choose, DtypeError, SettingError.
    """
    if ord not in ORDERS:
        raise SettingError("matrix_norm", f"ord among {', '.join(map(repr, ORDERS))}", repr(ord))
    dims = dims_of("matrix_norm", A.ndim, tuple(dim))
    if len(dims) != 2:
        raise ShapeError("matrix_norm", "two dims", dim)
    A = A if dtype is None else A.to(dtype)
    if ord == "fro":
        return p_norm(A, 2.0, dims, keepdim)
    y = _of_order(movedim(A, dims, (-2, -1)), ord)
    return y.reshape([1 if d in dims else size for d, size in enumerate(A.shape)]) if keepdim else y


def _of_order(a: Tensor, ord: float | str) -> Tensor:
    """The norm of the last two dimensions."""
    if ord == "nuc":
        return svdvals(a).sum(-1)
    assert not isinstance(ord, str)
    size = math.fabs(ord)
    values = svdvals(a) if size == 2 else abs(a).sum(-2 if size == 1 else -1)
    return values.amax(-1) if ord > 0 else values.amin(-1)


@composite
def norm(
    A: Tensor, ord: float | str | None = None, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """`vector_norm` over one dim, `matrix_norm` over two; without ord the root of the sum of squares over any dims.

    Without dim, A is a vector or a matrix where ord is given, else of any shape. Raises as these two.
    """
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    dims = dims_of("norm", A.ndim, dim)
    if dim is None and A.ndim not in (1, 2):
        raise ShapeError("norm", "a vector or a matrix, or dim", A.shape)
    if len(dims) == 2:
        return matrix_norm(A, ord, (dims[0], dims[1]), keepdim, dtype=dtype)
    if isinstance(ord, str):
        raise ShapeError("norm", f"two dims for ord {ord!r}", dim)
    return vector_norm(A, ord, dims, keepdim, dtype=dtype)


@composite
def cond(A: Tensor, p: float | str | None = None) -> Tensor:
    """|A| |A**-1| of A (..., n, n) in the `matrix_norm` p; by default 2, that of any A (..., m, n), by singular values.

    Raises ShapeError, DtypeError, SettingError, DataError where A is singular and p is neither 2 nor -2.
    """
    if p in (None, 2, -2):
        s = svdvals(A)
        return s.amin(-1) / s.amax(-1) if p == -2 else s.amax(-1) / s.amin(-1)
    square("cond", A)
    assert p is not None
    return matrix_norm(A, p) * matrix_norm(inv(A), p)
