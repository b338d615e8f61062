"""Cholesky's and the QR decomposition."""

from __future__ import annotations

from typing import Any, NamedTuple

from xdl.backend import namespaces
from xdl.errors import GraphError, SettingError
from xdl.functional import either
from xdl.functional.shape.shape import cat
from xdl.linalg.matrices import computed, matrices, square, weights
from xdl.linalg.solving import solution, solve_triangular
from xdl.node import edge
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


class QR(NamedTuple):
    """Q with orthonormal columns, R upper triangular, Q R = A."""

    Q: Tensor
    R: Tensor


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """L (..., n, n) lower triangular with L L^T = A, or R = L^T with R^T R = A where `upper`; one triangle is read.

    dA = L^-T (P + P^T) L^-1 / 2 for P = the lower triangle of L^T g, its diagonal halved (I. Murray, Differentiation
    of the Cholesky decomposition, 2016), symmetric. Raises ShapeError, DtypeError, DataError unless A is positive
    definite.
    """
    square("cholesky", A)
    if upper:
        return cholesky(A.mT).mT
    y = computed("cholesky", "positive definite matrices A", namespaces[type(A.array)].linalg.cholesky, A.array)
    return record(y, (edge(A),), _cholesky_rule, keep_y=True)


def _cholesky_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    product = either.mT(y) @ g
    p = product * weights(product, 1.0, 0.5, 0.0)
    half = solution("cholesky", either.mT(y), (p + either.mT(p)) * 0.5)
    return (solution("cholesky", either.mT(y), either.mT(half)),)


@composite
def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """X (..., n, k) with A X = B (..., n, k) for A = L L^T, or R^T R of an upper L. Raises as `solve_triangular`."""
    lower = L.mT if upper else L
    return solve_triangular(lower.mT, solve_triangular(lower, B, upper=False), upper=True)


@composite
def cholesky_inverse(L: Tensor, upper: bool = False) -> Tensor:
    """The inverse of A = L L^T, or of R^T R for an upper L. Raises as `solve_triangular`."""
    square("cholesky_inverse", L)
    xp, factor = namespaces[type(L.array)], L.array
    identity = xp.broadcast_to(xp.eye(L.shape[-1], dtype=factor.dtype, device=factor.device), factor.shape)
    return cholesky_solve(Tensor(identity), L, upper)


def qr(A: Tensor, mode: str = "reduced") -> QR:
    """Q (..., m, k) and R (..., k, n) with Q R = A for A (..., m, n), k = min(m, n).

    mode: "reduced"; "complete" for Q (..., m, m) and R (..., m, n); "r" for R alone, beside an empty Q

    m >= n: dA = (gQ + Q sym(R gR^T - gQ^T Q)) R^-T, where sym mirrors the lower triangle (M. Seeger et al.,
    Auto-differentiating linear algebra, 2017). m < n: A = [X Y], X = Q U, R = [U, Q^T Y], on the tape (D. and L.
    Roberts, QR and LQ decomposition matrix backpropagation algorithms, 2020). The first min(m, n) columns of A must be
    independent, else the gradient raises DataError. That of "complete" with m > n raises GraphError: the columns added
    are arbitrary. Raises ShapeError, DtypeError, SettingError.
    """
    matrices("qr", A=A)
    if mode not in ("reduced", "complete", "r"):
        raise SettingError("qr", "mode 'reduced', 'complete' or 'r'", repr(mode))
    m, n = A.shape[-2:]
    if mode == "r":
        r = qr(A).R
        return QR(Tensor(r.array[..., :0, :0]), r)
    if m < n:
        q, u = qr(A[..., :m], mode)
        return QR(q, cat([u, q.mT @ A[..., m:]], -1))
    xp = namespaces[type(A.array)]
    q, r = computed("qr", "finite matrices", lambda x: xp.linalg.qr(x, mode=mode), A.array)
    rule = _qr_rule if mode == "reduced" or m == n else _complete_qr_rule
    return QR(*record((q, r), (edge(A),), rule, keep_y=True))


def _qr_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    q, r = y
    gq, gr = either.given(g[0], q), either.given(g[1], r)
    m = r @ either.mT(gr) - either.mT(gq) @ q
    mirrored = m * weights(m, 1.0, 1.0, 0.0) + either.mT(m * weights(m, 1.0, 0.0, 0.0))
    return (either.mT(solution("qr", r, either.mT(gq + q @ mirrored))),)


def _complete_qr_rule(*_: Any) -> tuple[Any]:
    hint = 'Use mode="reduced"'
    raise GraphError("qr", "no gradient through mode 'complete' of more rows than columns", "one", hint)
