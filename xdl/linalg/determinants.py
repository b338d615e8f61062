"""Determinants and their logarithms. Gradients: Giles (2008), 2.2.4; of singular matrices by the cofactors."""

from __future__ import annotations

from typing import Any, NamedTuple

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.linalg.matrices import along_columns, computed, everywhere, square
from xdl.linalg.solving import inv, solution
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


class SignLogDeterminant(NamedTuple):
    """The determinant as sign e**logabsdet; sign is 1, -1 or 0."""

    sign: Tensor
    logabsdet: Tensor


def det(A: Tensor) -> Tensor:
    """y (...) = the determinants of A (..., n, n); dA = g times the cofactors, which are y A^-T unless A is singular.

    The second derivative needs an inverse: DataError where A is singular. Raises ShapeError, DtypeError.
    """
    square("det", A)
    y = computed("det", "finite matrices", namespaces[type(A.array)].linalg.det, A.array)
    return record(y, (A,), _det_rule, keep_y=True)


def _det_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    if isinstance(a, Tensor):
        return (everywhere(g * y) * either.mT(inv(a)),)
    return (everywhere(g) * _cofactors(a),)


def _cofactors(a: Array) -> Array:
    """det U det V U diag(the products of all other singular values) V^T: no quotient, so that A may be singular."""
    xp = namespaces[type(a)]
    u, s, vh = computed("det", "finite matrices", lambda x: xp.linalg.svd(x, full_matrices=False), a)
    n = a.shape[-1]
    others = xp.where(xp.eye(n, dtype=xp.bool, device=a.device), 1.0, along_columns(s))
    rest = xp.prod(others, axis=-1) * (xp.linalg.det(u) * xp.linalg.det(vh))[..., None]
    return (u * along_columns(rest)) @ vh


def slogdet(A: Tensor) -> SignLogDeterminant:
    """sign (...) and logabsdet (...) = ln |det A| of A (..., n, n); d logabsdet/dA = A^-T, d sign/dA = 0.

    0 and -inf where A is singular, whose gradient raises DataError. Raises ShapeError, DtypeError.
    """
    square("slogdet", A)
    sign, logarithm = computed("slogdet", "finite matrices", namespaces[type(A.array)].linalg.slogdet, A.array)
    return SignLogDeterminant(Tensor(sign), record(logarithm, (A,), _slogdet_rule))


def _slogdet_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    xp = namespaces[type(either.raw(a))]
    unit = either.constant(xp.eye(a.shape[-1], dtype=either.raw(a).dtype, device=either.raw(a).device), a)
    return (everywhere(g) * solution("slogdet", either.mT(a), unit),)


@composite
def logdet(A: Tensor) -> Tensor:
    """y (...) = ln det A of A (..., n, n); nan for a negative determinant, -inf for 0. Raises as `slogdet`."""
    sign, logarithm = slogdet(A)
    xp = namespaces[type(sign.array)]
    return logarithm + Tensor(xp.where(sign.array < 0, xp.nan, xp.zeros_like(sign.array)))
