"""Inverses and linear equations. Gradients: Giles, An extended collection of matrix derivative results (2008), 2.2."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any, NamedTuple

from xdl.backend import Array, namespaces
from xdl.errors import DataError, ShapeError
from xdl.functional import either
from xdl.functional.elementwise.where import where
from xdl.functional.operands import broadcast_shape, floating
from xdl.linalg.matrices import computed, matrices, square, weights
from xdl.node import edge
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor

INVERTIBLE = "invertible matrices A"


def inv(A: Tensor) -> Tensor:
    """Y = A**-1 for A (..., n, n); dA = -Y^T g Y^T. Raises ShapeError, DtypeError, DataError where A is singular."""
    square("inv", A)
    y = computed("inv", INVERTIBLE, namespaces[type(A.array)].linalg.inv, A.array)
    return record(y, (edge(A),), _inv_rule, keep_y=True)


def _inv_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    return (-(either.mT(y) @ g @ either.mT(y)),)


class InvEx(NamedTuple):
    """A**-1 (..., n, n) and, for each matrix, 0, or 1 where it is singular (...)."""

    inverse: Tensor
    info: Tensor


@composite
def inv_ex(A: Tensor, *, check_errors: bool = False) -> InvEx:
    """`inv` that goes on where a matrix of the batch is singular: its inverse is nan, its info 1, where PyTorch has
    the place of the 0 on U's diagonal. check_errors: raises as `inv`."""
    square("inv_ex", A)
    xp, (n, batch) = namespaces[type(A.array)], (A.shape[-1], A.shape[:-2])
    info = xp.zeros(batch, dtype=xp.int32, device=A.array.device)
    try:
        return InvEx(inv(A), Tensor(info))
    except DataError:
        if check_errors:
            raise
    for place in product(*map(range, batch)):
        info[place] = _is_singular(A.array[place])
    singular = Tensor(info != 0)[..., None, None]
    identity = Tensor(xp.eye(n, dtype=A.array.dtype, device=A.array.device))
    return InvEx(where(singular, float("nan"), inv(where(singular, identity, A))), Tensor(info))


def _is_singular(matrix: Array) -> bool:
    try:
        computed("inv_ex", INVERTIBLE, namespaces[type(matrix)].linalg.inv, matrix)
    except DataError:
        return True
    return False


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """X with A X = B, or X A = B where left is False; dB = A^-T g, dA = -dB X^T.

    A (..., n, n), B (..., n, k), or (..., k, n) where left is False; batches broadcast. B of shape (n,), or of A's
    shape without its last dimension, is one vector for each matrix. Raises ShapeError, DtypeError, DataError where A
    is singular.
    """
    square("solve", A)
    floating("solve", A=A, B=B)
    if left and (B.ndim == 1 or B.shape == A.shape[:-1]):
        return solve(A, B.unsqueeze(-1)).squeeze(-1)
    matrices("solve", B=B)
    x: Tensor = solution("solve", A, B) if left else solution("solve", A.mT, B.mT).mT
    return x


def solution(operation: str, a: either.Either, b: either.Either) -> either.Either:
    """A**-1 B of arrays or Tensors A (..., n, n) and B (..., n, k), whose batches broadcast."""
    n, batch = a.shape[-1], broadcast_shape(operation, tuple(a.shape[:-2]), tuple(b.shape[:-2]))
    if b.shape[-2] != n:
        raise ShapeError(operation, f"as many equations in B as A has rows: {n}", f"A {a.shape} and B {b.shape}")
    x, y = either.raw(a), either.raw(b)
    xp = namespaces[type(x)]
    x, y = xp.broadcast_to(x, (*batch, n, n)), xp.broadcast_to(y, (*batch, n, y.shape[-1]))
    found: Array = computed(operation, INVERTIBLE, xp.linalg.solve, x, y)
    if not isinstance(a, Tensor):
        return found
    return record(found, (a, edge(b)), partial(_solution_rule, operation), keep_y=True)


def _solution_rule(operation: str, needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    db = solution(operation, either.mT(a), g)
    return -(db @ either.mT(y)) if needs[0] else None, db


@composite
def solve_triangular(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    """X with A X = B, or X A = B where left is False, where only one triangle of A is read.

    upper: which one. unitriangular: the diagonal counts as 1 and is not read. A (..., n, n), B (..., n, k), or
    (..., k, n). A general solver gets an upper triangular matrix, whose LU factors are the identity and itself, so that
    it only substitutes back; a lower one is turned upside down. Raises ShapeError, DtypeError, DataError for a 0 on
    the diagonal.
    """
    square("solve_triangular", A)
    matrices("solve_triangular", A=A, B=B)
    if not left:
        flipped = solve_triangular(A.mT, B.mT, upper=not upper, unitriangular=unitriangular)
        return flipped.mT
    read = weights(A.array, float(not upper), float(not unitriangular), float(upper)) != 0
    triangle = where(Tensor(read), A, 0.0)
    if unitriangular:
        triangle = triangle + Tensor(weights(A.array, 0.0, 1.0, 0.0))
    if not upper:  # turned by half a turn, the lower triangle is an upper one
        triangle, B = triangle[..., ::-1, ::-1], B[..., ::-1, :]
    x: Tensor = solution("solve_triangular", triangle, B)
    return x if upper else x.flip(-2)
