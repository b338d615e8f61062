"""The methods of linear algebra, which loads when the first of them is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from xdl.tensor import Tensor


class Matrices:
    """Each method is the function of `xdl.linalg` with the tensor as its first argument."""

    def det(self) -> Tensor:
        """The determinants of matrices (..., n, n)."""
        return _linalg().det(_of(self))

    def logdet(self) -> Tensor:
        """The logarithms of their determinants."""
        return _linalg().logdet(_of(self))

    def slogdet(self) -> tuple[Tensor, Tensor]:
        """The signs and the logarithms of the sizes of their determinants."""
        return _linalg().slogdet(_of(self))

    def inverse(self) -> Tensor:
        """Their inverses."""
        return _linalg().inv(_of(self))

    def pinverse(self, rcond: float | None = None) -> Tensor:
        """The pseudoinverses (..., n, m) of matrices (..., m, n)."""
        return _linalg().pinv(_of(self), rcond)

    def matrix_power(self, n: int) -> Tensor:
        """Their n-th powers."""
        return _linalg().matrix_power(_of(self), n)

    def cross(self, other: Tensor, dim: int = -1) -> Tensor:
        """The vector products along dim."""
        return _linalg().cross(_of(self), other, dim)


def _linalg() -> Any:
    from xdl import linalg

    return linalg


def _of(methods: Matrices) -> Tensor:
    return cast("Tensor", methods)
