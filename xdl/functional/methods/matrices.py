"""The methods of linear algebra, which loads when the first of them is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from xdl.tensor import Tensor


class Matrices:
    """Each method is the function of `xdl.linalg` with the tensor as its first argument."""

    def det(self) -> Tensor:
        """The determinants of matrices (..., n, n)."""
        found: Tensor = _linalg().det(_of(self))
        return found

    def logdet(self) -> Tensor:
        """The logarithms of their determinants."""
        found: Tensor = _linalg().logdet(_of(self))
        return found

    def slogdet(self) -> tuple[Tensor, Tensor]:
        """The signs and the logarithms of the sizes of their determinants."""
        found: tuple[Tensor, Tensor] = _linalg().slogdet(_of(self))
        return found

    def inverse(self) -> Tensor:
        """Their inverses."""
        found: Tensor = _linalg().inv(_of(self))
        return found

    def pinverse(self, rcond: float | None = None) -> Tensor:
        """The pseudoinverses (..., n, m) of matrices (..., m, n)."""
        found: Tensor = _linalg().pinv(_of(self), rcond)
        return found

    def matrix_power(self, n: int) -> Tensor:
        """Their n-th powers."""
        found: Tensor = _linalg().matrix_power(_of(self), n)
        return found

    def cholesky(self, upper: bool = False) -> Tensor:
        """Their triangular factors."""
        found: Tensor = _linalg().cholesky(_of(self), upper=upper)
        return found

    def cholesky_solve(self, L: Tensor, upper: bool = False) -> Tensor:
        """The solutions of equations with this right side, by the triangular factors of their matrices."""
        found: Tensor = _linalg().cholesky_solve(_of(self), L, upper)
        return found

    def cholesky_inverse(self, upper: bool = False) -> Tensor:
        """The inverses of the matrices whose triangular factors these are."""
        found: Tensor = _linalg().cholesky_inverse(_of(self), upper)
        return found

    def qr(self) -> tuple[Tensor, Tensor]:
        """Their QR decomposition."""
        found: tuple[Tensor, Tensor] = _linalg().qr(_of(self))
        return found


def _linalg() -> Any:
    from xdl import linalg

    return linalg


def _of(methods: Matrices) -> Tensor:
    return cast("Tensor", methods)
