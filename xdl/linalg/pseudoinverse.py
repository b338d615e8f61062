"""What is made of singular values that count as 0: pseudoinverse, rank, least squares.

A singular value counts as 0 up to the larger of atol and rtol times the largest one. rtol is max(m, n) times the
dtype's precision unless one of the two is given.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from xdl.backend import Array, namespaces
from xdl.errors import ShapeError
from xdl.functional import either
from xdl.linalg.matrices import along_rows, computed, matrices
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


class LeastSquares(NamedTuple):
    """What `lstsq` gives."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


def pinv(
    A: Tensor,
    rcond: float | None = None,
    hermitian: bool = False,
    *,
    atol: float | None = None,
    rtol: float | None = None,
) -> Tensor:
    """P (..., n, m) = V diag(1 / S) U^T for A = U diag(S) V^T (..., m, n), the inverse of what A maps onto.

    dA = -P^T g P^T + (1 - A P) g^T P P^T + P^T P g^T (1 - P A) where the rank stays (G. Golub, V. Pereyra, The
    differentiation of pseudo-inverses, 1973). rcond: rtol by its older name; hermitian: accepted for PyTorch's sake.
    Raises ShapeError, DtypeError, DataError for nan and infinity.
    """
    del hermitian
    matrices("pinv", A=A)
    u, s, vh = _parts("pinv", A.array)
    kept = s > _cutoff(A.array, s, atol, rcond if rtol is None else rtol)
    xp = namespaces[type(s)]
    inverse = xp.where(kept, 1 / xp.where(kept, s, 1.0), 0.0)
    y = xp.matrix_transpose(vh) @ (along_rows(inverse) * xp.matrix_transpose(u))
    return record(y, (A,), _pinv_rule, keep_y=True)


def _pinv_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    p, pt, gt = y, either.mT(y), either.mT(g)
    across = gt @ p @ pt
    along = pt @ p @ gt
    return (across - a @ (p @ across) + along - (along @ p) @ a - pt @ g @ pt,)


def matrix_rank(
    A: Tensor,
    tol: float | None = None,
    hermitian: bool = False,
    *,
    atol: float | None = None,
    rtol: float | None = None,
) -> Tensor:
    """How many singular values of A (..., m, n) do not count as 0: int64 (...). tol: atol by its older name.

    Raises ShapeError, DtypeError, DataError for nan and infinity.
    """
    del hermitian
    matrices("matrix_rank", A=A)
    s = _parts("matrix_rank", A.array)[1]
    return Tensor(_rank(A.array, s, tol if atol is None else atol, rtol))


@composite
def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> LeastSquares:
    """solution X (..., n, k), the smallest that minimizes |A X - B| for A (..., m, n), B (..., m, k): X = A's `pinv` B.

    B of A's shape without its last dimension is one vector for each matrix. residuals: the sums of squares of A X - B
    (..., k) where m > n, else empty; rank (...), int64; singular_values (..., min(m, n)). rcond: rtol. driver:
    accepted for PyTorch's sake. Raises ShapeError, DtypeError, DataError for nan and infinity.
    """
    del driver
    matrices("lstsq", A=A)
    vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    b = B.unsqueeze(-1) if vector else B
    matrices("lstsq", A=A, B=b)
    if b.shape[-2] != A.shape[-2]:
        raise ShapeError("lstsq", "as many rows in B as in A", f"A {A.shape} and B {B.shape}")
    x = pinv(A, rtol=rcond) @ b
    s = _parts("lstsq", A.array)[1]
    rest = ((A @ x - b) ** 2).sum(-2) if A.shape[-2] > A.shape[-1] else Tensor(s[..., :0])
    rank = Tensor(_rank(A.array, s, None, rcond))
    return LeastSquares(x.squeeze(-1) if vector else x, rest, rank, Tensor(s))


def _parts(operation: str, a: Array) -> Any:
    xp = namespaces[type(a)]
    return computed(operation, "finite matrices", lambda x: xp.linalg.svd(x, full_matrices=False), a)


def _rank(a: Array, s: Array, atol: float | None, rtol: float | None) -> Array:
    xp = namespaces[type(a)]
    return xp.sum(xp.astype(s > _cutoff(a, s, atol, rtol), xp.int64), axis=-1)


def _cutoff(a: Array, s: Array, atol: float | None, rtol: float | None) -> Array:
    """Up to where the singular values s (..., k) of a count as 0: (..., 1)."""
    xp = namespaces[type(a)]
    if rtol is None:
        rtol = 0.0 if atol else float(xp.finfo(a.dtype).eps) * max(a.shape[-2:])
    return xp.maximum(s[..., :1] * rtol, float(atol or 0.0))
