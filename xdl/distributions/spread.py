"""Distributions of numbers with simple densities: uniform, exponential, Laplace."""

from __future__ import annotations

import math
from typing import ClassVar

from xdl.distributions import constraints
from xdl.distributions.constraints import Constraint
from xdl.distributions.distribution import (
    Distribution,
    Shape,
    broadcast_all,
    exponential_noise,
    uniform_noise,
)
from xdl.functional.elementwise.exponential import expm1, log1p
from xdl.tensor import Tensor


class Uniform(Distribution):
    """p(x) = 1 / (high - low) for low <= x < high, else 0."""

    arg_constraints: ClassVar = {"low": constraints.real, "high": constraints.real}
    has_rsample = True

    def __init__(self, low: Tensor | float, high: Tensor | float, validate_args: bool | None = None) -> None:
        """low < high. Raises DataError, ShapeError, DtypeError."""
        self.low, self.high = broadcast_all("Uniform", low=low, high=high)
        super().__init__(self.low.shape, validate_args=validate_args)
        if self._checked:
            constraints.positive.require("Uniform", "high - low", self.high - self.low)

    @property
    def support(self) -> Constraint:
        """Numbers from low to high."""
        return constraints.interval(self.low, self.high)

    @property
    def mean(self) -> Tensor:
        """The middle."""
        return (self.low + self.high) * 0.5

    @property
    def mode(self) -> Tensor:
        """nan: none is more probable than the others."""
        return self.low * math.nan

    @property
    def variance(self) -> Tensor:
        """(high - low)**2 / 12."""
        return (self.high - self.low) ** 2 / 12

    def rsample(self, sample_shape: Shape = ()) -> Tensor:
        """low + (high - low) u for uniform u in [0, 1)."""
        u = uniform_noise(self._extended_shape(sample_shape), self.low)
        return self.low + (self.high - self.low) * u

    def log_prob(self, value: Tensor) -> Tensor:
        """-ln(high - low), -inf outside."""
        self._validate_sample("log_prob", value)
        inside = (self.low <= value) & (value < self.high)
        return inside.to(self.low.dtype).log() - (self.high - self.low).log()

    def cdf(self, value: Tensor) -> Tensor:
        """(x - low) / (high - low), between 0 and 1."""
        self._validate_sample("cdf", value)
        return ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)

    def icdf(self, value: Tensor) -> Tensor:
        """low + (high - low) p."""
        return self.low + (self.high - self.low) * value

    def entropy(self) -> Tensor:
        """ln(high - low)."""
        return (self.high - self.low).log()


class Exponential(Distribution):
    """p(x) = rate e**(-rate x) for x >= 0."""

    arg_constraints: ClassVar = {"rate": constraints.positive}
    has_rsample = True

    def __init__(self, rate: Tensor | float, validate_args: bool | None = None) -> None:
        """rate: 1 / the mean, above 0. Raises DataError, DtypeError."""
        (self.rate,) = broadcast_all("Exponential", rate=rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def support(self) -> Constraint:
        """Numbers of at least 0."""
        return constraints.nonnegative

    @property
    def mean(self) -> Tensor:
        """1 / rate."""
        return 1 / self.rate

    @property
    def mode(self) -> Tensor:
        """0."""
        return self.rate * 0

    @property
    def variance(self) -> Tensor:
        """1 / rate**2."""
        return 1 / self.rate**2

    def rsample(self, sample_shape: Shape = ()) -> Tensor:
        """e / rate for exponential e of mean 1."""
        return exponential_noise(self._extended_shape(sample_shape), self.rate) / self.rate

    def log_prob(self, value: Tensor) -> Tensor:
        """ln rate - rate x."""
        self._validate_sample("log_prob", value)
        return self.rate.log() - self.rate * value

    def cdf(self, value: Tensor) -> Tensor:
        """1 - e**(-rate x)."""
        self._validate_sample("cdf", value)
        return -expm1(-self.rate * value)

    def icdf(self, value: Tensor) -> Tensor:
        """-ln(1 - p) / rate."""
        return -log1p(-value) / self.rate

    def entropy(self) -> Tensor:
        """1 - ln rate."""
        return 1 - self.rate.log()


class Laplace(Distribution):
    """p(x) = e**(-|x - loc| / scale) / (2 scale)."""

    arg_constraints: ClassVar = {"loc": constraints.real, "scale": constraints.positive}
    has_rsample = True

    def __init__(self, loc: Tensor | float, scale: Tensor | float, validate_args: bool | None = None) -> None:
        """loc: the mean; scale: the mean of |x - loc|, above 0. Raises DataError, ShapeError, DtypeError."""
        self.loc, self.scale = broadcast_all("Laplace", loc=loc, scale=scale)
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
    def variance(self) -> Tensor:
        """2 scale**2."""
        return self.scale**2 * 2

    @property
    def stddev(self) -> Tensor:
        """sqrt(2) scale."""
        return self.scale * math.sqrt(2)

    def rsample(self, sample_shape: Shape = ()) -> Tensor:
        """loc + scale (e - f) for exponential e and f of mean 1."""
        e, f = [exponential_noise(self._extended_shape(sample_shape), self.loc) for _ in range(2)]
        return self.loc + self.scale * (e - f)

    def log_prob(self, value: Tensor) -> Tensor:
        """-|x - loc| / scale - ln(2 scale)."""
        self._validate_sample("log_prob", value)
        return -abs(value - self.loc) / self.scale - (self.scale * 2).log()

    def cdf(self, value: Tensor) -> Tensor:
        """1/2 - sign(x - loc) (e**(-|x - loc| / scale) - 1) / 2."""
        self._validate_sample("cdf", value)
        difference = value - self.loc
        return 0.5 - difference.sign() * expm1(-abs(difference) / self.scale) * 0.5

    def icdf(self, value: Tensor) -> Tensor:
        """loc - scale sign(p - 1/2) ln(1 - 2 |p - 1/2|)."""
        term = value - 0.5
        return self.loc - self.scale * term.sign() * log1p(abs(term) * -2)

    def entropy(self) -> Tensor:
        """1 + ln(2 scale)."""
        return (self.scale * 2).log() + 1
