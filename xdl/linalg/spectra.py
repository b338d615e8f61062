"""Eigenvalues of symmetric matrices and singular values. V^T is the transpose of V.

The gradient through vectors is that of functions which do not depend on the signs of the vectors. Where two values are
equal, any turn of their vectors would do: the gradient through vectors is nan there, that through values is not.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from xdl.backend import namespaces
from xdl.errors import SettingError
from xdl.functional import either
from xdl.linalg.matrices import along_columns, along_rows, computed, matrices, over_gaps, square, weights
from xdl.node import edge
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


class Eigen(NamedTuple):
    """Eigenvalues (..., n) in ascending order, eigenvectors (..., n, n) as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class SingularValues(NamedTuple):
    """U (..., m, k), S (..., k) in descending order, Vh = V^T (..., k, n): A = U diag(S) V^T."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def eigh(A: Tensor, UPLO: str = "L") -> Eigen:
    """w and V with A = V diag(w) V^T for symmetric A (..., n, n), of which the lower ("L") or upper ("U") half is read.

    dA = V (diag(gw) + F * skew(V^T gV)) V^T with F[i, j] = 1 / (w[j] - w[i]) beside the diagonal, and
    skew(X) = (X - X^T) / 2 (Giles, 2008, 3.1), symmetric. Raises ShapeError, DtypeError, SettingError, DataError for
    nan and infinity.
    """
    square("eigh", A)
    if UPLO not in ("L", "U"):
        raise SettingError("eigh", 'UPLO "L" or "U"', repr(UPLO))
    if UPLO == "U":
        return eigh(A.mT)
    w, v = computed("eigh", "finite matrices", namespaces[type(A.array)].linalg.eigh, A.array)
    return Eigen(*record((w, v), (edge(A),), _eigh_rule, keep_y=True))


def _eigh_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    w, v = y
    inner = weights(v, 0.0, 1.0, 0.0) * along_columns(either.given(g[0], w))
    if g[1] is not None:
        x = either.mT(v) @ g[1]
        inner = inner + over_gaps((x - either.mT(x)) * 0.5, w)
    return (v @ inner @ either.mT(v),)


@composite
def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of `eigh`."""
    return eigh(A, UPLO).eigenvalues


def svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> SingularValues:
    """U, S and V^T with A = U diag(S) V^T for A (..., m, n), k = min(m, n); U (..., m, m), V^T (..., n, n) if full.

    dA = U (diag(gS) + (E * skew(U^T gU)) diag(S) + diag(S) (E * skew(V^T gV))) V^T
         + (1 - U U^T) gU diag(S)^-1 V^T + U diag(S)^-1 gV^T (1 - V V^T),
    E[i, j] = 1 / (S[j]**2 - S[i]**2) beside the diagonal, skew(X) = X - X^T (J. Townsend, Differentiating the
    singular value decomposition, 2016), of the first k columns: the others are arbitrary, and their gradients are not
    read. driver: accepted for PyTorch's sake. Raises ShapeError, DtypeError, DataError for nan and infinity.
    """
    del driver
    matrices("svd", A=A)
    xp = namespaces[type(A.array)]
    parts = computed("svd", "finite matrices", lambda x: xp.linalg.svd(x, full_matrices=full_matrices), A.array)
    return SingularValues(*record(tuple(parts), (edge(A),), _svd_rule, keep_y=True))


def _svd_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    s = y[1]
    k = s.shape[-1]
    u, vh, inner = y[0][..., :k], y[2][..., :k, :], 0.0
    m, n = u.shape[-2], vh.shape[-1]
    squares = s * s
    if g[1] is not None:
        inner = weights(u[..., :k, :], 0.0, 1.0, 0.0) * along_columns(g[1])
    if g[0] is not None:
        gu = g[0][..., :k]
        x = either.mT(u) @ gu
        inner = inner + over_gaps(x - either.mT(x), squares) * along_columns(s)
    if g[2] is not None:
        gvh = g[2][..., :k, :]
        z = vh @ either.mT(gvh)
        inner = inner + along_rows(s) * over_gaps(z - either.mT(z), squares)
    d = u @ inner @ vh
    if g[0] is not None and m > k:
        d = d + ((gu - u @ x) / along_columns(s)) @ vh
    if g[2] is not None and n > k:
        d = d + u @ ((gvh - either.mT(z) @ vh) / along_rows(s))
    return (d,)


@composite
def svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """The singular values of `svd`, in descending order."""
    return svd(A, full_matrices=False, driver=driver).S
