"""The normal distribution of numbers, and that of vectors."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from xdl import linalg
from xdl.distributions import constraints
from xdl.distributions.constraints import Constraint
from xdl.distributions.distribution import Distribution, Shape, broadcast_all, normal_noise
from xdl.errors import SettingError, ShapeError
from xdl.functional.elementwise.erf import erf
from xdl.functional.elementwise.special import erfinv
from xdl.functional.operands import broadcast_shape, floating
from xdl.tensor import Tensor

LOG_2_PI = math.log(2 * math.pi)


class Normal(Distribution):
    """p(x) = e**(-z**2 / 2) / (scale sqrt(2 pi)) with z = (x - loc) / scale."""

    arg_constraints: ClassVar = {"loc": constraints.real, "scale": constraints.positive}
    has_rsample = True

    def __init__(self, loc: Tensor | float, scale: Tensor | float, validate_args: bool | None = None) -> None:
        """loc: the mean; scale: the standard deviation, above 0. Raises DataError, ShapeError, DtypeError."""
        self.loc, self.scale = broadcast_all("Normal", loc=loc, scale=scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def support(self) -> Constraint:
        """All numbers."""
        return constraints.real

    @property
    def mean(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def mode(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def stddev(self) -> Tensor:
        """scale."""
        return self.scale

    @property
    def variance(self) -> Tensor:
        """scale**2."""
        return self.scale**2

    def rsample(self, sample_shape: Shape = ()) -> Tensor:
        """loc + scale e for standard normal e."""
        return self.loc + self.scale * normal_noise(self._extended_shape(sample_shape), self.loc)

    def log_prob(self, value: Tensor) -> Tensor:
        """-z**2 / 2 - ln scale - ln(2 pi) / 2."""
        self._validate_sample("log_prob", value)
        return ((value - self.loc) / self.scale) ** 2 * -0.5 - self.scale.log() - LOG_2_PI / 2

    def cdf(self, value: Tensor) -> Tensor:
        """(1 + erf(z / sqrt 2)) / 2."""
        self._validate_sample("cdf", value)
        return (erf((value - self.loc) / (self.scale * math.sqrt(2))) + 1) * 0.5

    def icdf(self, value: Tensor) -> Tensor:
        """loc + scale sqrt(2) erfinv(2 p - 1)."""
        return self.loc + self.scale * erfinv(value * 2 - 1) * math.sqrt(2)

    def entropy(self) -> Tensor:
        """(1 + ln(2 pi)) / 2 + ln scale."""
        return self.scale.log() + (1 + LOG_2_PI) / 2


class MultivariateNormal(Distribution):
    """p(x) = e**(-|L**-1 (x - loc)|**2 / 2) / (det L (2 pi)**(n / 2)) with L L^T the covariance matrix."""

    arg_constraints: ClassVar = {"loc": constraints.real_vector, "scale_tril": constraints.lower_cholesky}
    _event_dims: ClassVar = {"loc": 1, "scale_tril": 2}
    has_rsample = True

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        """loc (..., n), and one of: the covariance matrix, its inverse, its lower Cholesky factor L, each (..., n, n).

        Batches broadcast. Raises SettingError unless there is one, ShapeError, DtypeError, DataError for a matrix that
        is not symmetric and positive definite, or an L that is no Cholesky factor.
        """
        given = [m for m in (covariance_matrix, precision_matrix, scale_tril) if m is not None]
        if len(given) != 1:
            expected = "one of covariance_matrix, precision_matrix and scale_tril"
            raise SettingError("MultivariateNormal", expected, len(given))
        matrix = given[0]
        floating("MultivariateNormal", loc=loc, matrix=matrix)
        if loc.ndim < 1 or matrix.ndim < 2 or matrix.shape[-2:] != (loc.shape[-1], loc.shape[-1]):
            raise ShapeError("MultivariateNormal", "loc (..., n), a matrix (..., n, n)", f"{loc.shape}, {matrix.shape}")
        checked = Distribution._validate_by_default if validate_args is None else validate_args
        if checked and scale_tril is None:
            constraints.symmetric.require("MultivariateNormal", "a matrix", matrix)
        if covariance_matrix is not None:
            matrix = linalg.cholesky(covariance_matrix)
        elif precision_matrix is not None:
            matrix = linalg.cholesky(linalg.inv(precision_matrix))
        batch, n = broadcast_shape("MultivariateNormal", loc.shape[:-1], matrix.shape[:-2]), loc.shape[-1]
        self.loc, self.scale_tril = loc.expand(*batch, n), matrix.expand(*batch, n, n)
        super().__init__(batch, (n,), validate_args)

    @property
    def support(self) -> Constraint:
        """All vectors."""
        return constraints.real_vector

    @property
    def covariance_matrix(self) -> Tensor:
        """L L^T."""
        return self.scale_tril @ self.scale_tril.mT

    @property
    def precision_matrix(self) -> Tensor:
        """Its inverse."""
        return linalg.inv(self.covariance_matrix)

    @property
    def mean(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def mode(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def variance(self) -> Tensor:
        """The diagonal of the covariance matrix."""
        return (self.scale_tril**2).sum(-1)

    def rsample(self, sample_shape: Shape = ()) -> Tensor:
        """loc + L e for standard normal e."""
        e = normal_noise(self._extended_shape(sample_shape), self.loc)
        return self.loc + (self.scale_tril @ e.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        """-(|L**-1 (x - loc)|**2 + n ln(2 pi)) / 2 - ln det L."""
        self._validate_sample("log_prob", value)
        z = linalg.solve_triangular(self.scale_tril, (value - self.loc).unsqueeze(-1), upper=False).squeeze(-1)
        found: Tensor = ((z**2).sum(-1) + self.event_shape[0] * LOG_2_PI) * -0.5 - self._log_det()
        return found

    def entropy(self) -> Tensor:
        """n (1 + ln(2 pi)) / 2 + ln det L."""
        found: Tensor = self._log_det() + self.event_shape[0] * (1 + LOG_2_PI) / 2
        return found

    def _log_det(self) -> Any:
        return linalg.diagonal(self.scale_tril).log().sum(-1)
