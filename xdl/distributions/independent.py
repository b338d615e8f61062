"""A batch of distributions as one distribution of larger events."""

from __future__ import annotations

from xdl.distributions.constraints import Constraint, independent
from xdl.distributions.distribution import Distribution, Shape
from xdl.errors import SettingError
from xdl.tensor import Tensor


class Independent(Distribution):
    """The last dimensions of a distribution's batch belong to one event, whose parts are independent."""

    def __init__(
        self, base_distribution: Distribution, reinterpreted_batch_ndims: int, validate_args: bool | None = None
    ) -> None:
        """reinterpreted_batch_ndims: how many. Raises SettingError for more than the batch has."""
        batch, n = base_distribution.batch_shape, reinterpreted_batch_ndims
        if not 0 <= n <= len(batch):
            raise SettingError("Independent", f"reinterpreted_batch_ndims in [0, {len(batch)}]", n)
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, n
        cut = len(batch) - n
        super().__init__(batch[:cut], batch[cut:] + base_distribution.event_shape, validate_args)
        self.has_rsample = base_distribution.has_rsample
        self.has_enumerate_support = not n and base_distribution.has_enumerate_support

    @property
    def support(self) -> Constraint:
        """The support of each part."""
        return independent(self.base_dist.support, self.reinterpreted_batch_ndims)

    @property
    def mean(self) -> Tensor:
        """The means of the parts."""
        return self.base_dist.mean

    @property
    def mode(self) -> Tensor:
        """The modes of the parts."""
        return self.base_dist.mode

    @property
    def variance(self) -> Tensor:
        """The variances of the parts."""
        return self.base_dist.variance

    def sample(self, sample_shape: Shape = ()) -> Tensor:
        """Of each part."""
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Shape = ()) -> Tensor:
        """Of each part."""
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """The sum over the parts."""
        return self.over_parts(self.base_dist.log_prob(value))

    def entropy(self) -> Tensor:
        """The sum over the parts."""
        return self.over_parts(self.base_dist.entropy())

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """Of a single part; raises for more."""
        if self.reinterpreted_batch_ndims:
            raise self._lacks("enumerate_support")
        return self.base_dist.enumerate_support(expand)

    def expand(self, batch_shape: Shape) -> Independent:
        """The parts expanded."""
        parts = self.event_shape[: self.reinterpreted_batch_ndims]
        return Independent(self.base_dist.expand((*batch_shape, *parts)), self.reinterpreted_batch_ndims)

    def over_parts(self, x: Tensor) -> Tensor:
        """x (..., parts) summed over the parts."""
        n = self.reinterpreted_batch_ndims
        return x.sum(tuple(range(-n, 0))) if n else x

    def __repr__(self) -> str:
        return f"Independent({self.base_dist!r}, {self.reinterpreted_batch_ndims})"
