"""Distributions of y = f(x) for x of another distribution: ln p(y) = ln p(x) - ln |dy/dx|."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from xdl.distributions import constraints
from xdl.distributions.constraints import Constraint, independent
from xdl.distributions.distribution import Distribution, Shape
from xdl.distributions.normal import Normal
from xdl.distributions.transforms import ComposeTransform, ExpTransform, Transform
from xdl.errors import KindError
from xdl.tensor import Tensor


def _several(transforms: Any) -> list[Transform]:
    right = isinstance(transforms, list | tuple) and all(isinstance(one, Transform) for one in transforms)
    if not right:
        raise KindError("TransformedDistribution", "a transform or a list of them as transforms", repr(transforms))
    return list(transforms)


class TransformedDistribution(Distribution):
    """The distribution of transforms[-1](... transforms[0](x)) for x of the base distribution.

    Raises KindError for what is no transform.
    """

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else _several(transforms)
        self._transform = ComposeTransform(self.transforms)
        events = base_distribution.event_shape
        before = base_distribution.batch_shape + events
        shape = self._transform.forward_shape(before)
        batch = shape[: len(shape) - len(events)]
        self.base_dist = base_distribution if shape == before else base_distribution.expand(batch)
        super().__init__(batch, events, validate_args)
        self.has_rsample = base_distribution.has_rsample

    @property
    def support(self) -> Constraint:
        """What the last transform gives."""
        return independent(self._transform.codomain, len(self.event_shape))

    def sample(self, sample_shape: Shape = ()) -> Tensor:
        """f of samples."""
        return self._transform(self.base_dist.sample(sample_shape).detach()).detach()

    def rsample(self, sample_shape: Shape = ()) -> Tensor:
        """f of samples."""
        return self._transform(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """ln p(x) - ln |dy/dx|, summed over an event."""
        self._validate_sample("log_prob", value)
        x = self._transform.inverse(value)
        slope = self._transform.log_abs_det_jacobian(x, value)
        dims = tuple(range(-len(self.event_shape), 0))
        return self.base_dist.log_prob(x) - (slope.sum(dims) if dims else slope)

    def cdf(self, value: Tensor) -> Tensor:
        """P(x <= f**-1(y)), or of >= where f falls."""
        self._validate_sample("cdf", value)
        p = self.base_dist.cdf(self._transform.inverse(value))
        return p if self._transform.sign > 0 else 1 - p

    def icdf(self, value: Tensor) -> Tensor:
        """f of the base distribution's."""
        return self._transform(self.base_dist.icdf(value if self._transform.sign > 0 else 1 - value))

    def expand(self, batch_shape: Shape) -> Any:
        """The base distribution expanded."""
        return TransformedDistribution(self.base_dist.expand(batch_shape), self.transforms, self._checked)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_dist!r}, {self.transforms!r})"


class LogNormal(TransformedDistribution):
    """e**x for normal x."""

    arg_constraints: ClassVar = {"loc": constraints.real, "scale": constraints.positive}
    base_dist: Normal

    def __init__(self, loc: Tensor | float, scale: Tensor | float, validate_args: bool | None = None) -> None:
        """loc and scale: of x. Raises as `Normal`."""
        base = Normal(loc, scale, validate_args)
        self.loc, self.scale = base.loc, base.scale
        super().__init__(base, ExpTransform(), validate_args)

    @property
    def mean(self) -> Tensor:
        """e**(loc + scale**2 / 2)."""
        return (self.loc + self.scale**2 * 0.5).exp()

    @property
    def mode(self) -> Tensor:
        """e**(loc - scale**2)."""
        return (self.loc - self.scale**2).exp()

    @property
    def variance(self) -> Tensor:
        """(e**scale**2 - 1) mean**2."""
        return (self.scale**2).expm1() * self.mean**2

    def entropy(self) -> Tensor:
        """That of x, + loc."""
        return self.base_dist.entropy() + self.loc

    def expand(self, batch_shape: Shape) -> LogNormal:
        """The parameters expanded."""
        return LogNormal(self.loc.expand(*batch_shape), self.scale.expand(*batch_shape), self._checked)
