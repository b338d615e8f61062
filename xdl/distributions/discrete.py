"""Distributions of 0 and 1, and of numbered classes. `probs` or `logits` gives the other."""

from __future__ import annotations

from typing import Any, ClassVar

from xdl.backend import namespaces
from xdl.distributions import constraints
from xdl.distributions.constraints import Constraint
from xdl.distributions.distribution import Distribution, Shape, broadcast_all, one_of, uniform_noise
from xdl.errors import ShapeError
from xdl.functional.index.gather import gather
from xdl.functional.loss.binary_loss import binary_cross_entropy_with_logits
from xdl.functional.operands import broadcast_shape, floating
from xdl.functional.reduce.softmax import log_softmax, softmax
from xdl.tensor import Tensor


class Bernoulli(Distribution):
    """1 with probability p, else 0. logits: ln(p / (1 - p))."""

    arg_constraints: ClassVar = {"probs": constraints.unit_interval, "logits": constraints.real}
    has_enumerate_support = True

    def __init__(
        self,
        probs: Tensor | float | None = None,
        logits: Tensor | float | None = None,
        validate_args: bool | None = None,
    ) -> None:
        """Raises SettingError unless one of the two is given, DataError for probs outside [0, 1], DtypeError."""
        name, value = one_of("Bernoulli", probs, logits)
        (value,) = broadcast_all("Bernoulli", **{name: value})
        vars(self)[name] = value
        super().__init__(value.shape, validate_args=validate_args)

    def __getattr__(self, name: str) -> Any:
        if name == "probs" and "logits" in vars(self):
            return self.logits.sigmoid()
        if name == "logits" and "probs" in vars(self):
            p = inside(self.probs)
            return p.log() - (1 - p).log()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def support(self) -> Constraint:
        """0 and 1."""
        return constraints.boolean

    @property
    def mean(self) -> Tensor:
        """p."""
        p: Tensor = self.probs
        return p

    @property
    def mode(self) -> Tensor:
        """1 where p > 1/2, 0 where p < 1/2, nan at 1/2."""
        p = self.probs
        found: Tensor = (p >= 0.5).to(p.dtype).masked_fill(p == 0.5, float("nan"))
        return found

    @property
    def variance(self) -> Tensor:
        """p (1 - p)."""
        p: Tensor = self.probs
        return p * (1 - p)

    def sample(self, sample_shape: Shape = ()) -> Tensor:
        """0 and 1 in the dtype of the parameter."""
        p = self.probs.detach()
        found: Tensor = (uniform_noise(self._extended_shape(sample_shape), p) < p).to(p.dtype)
        return found

    def log_prob(self, value: Tensor) -> Tensor:
        """ln p for 1, ln(1 - p) for 0."""
        self._validate_sample("log_prob", value)
        shape = broadcast_shape("Bernoulli.log_prob", value.shape, self.batch_shape)
        logits, target = self.logits.expand(shape), value.to(self.logits.dtype).expand(shape)
        return -binary_cross_entropy_with_logits(logits, target, reduction="none")

    def entropy(self) -> Tensor:
        """-p ln p - (1 - p) ln(1 - p)."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """0 and 1."""
        return _all_values(2, self.probs, self.batch_shape, expand)


class Categorical(Distribution):
    """Class k of K with probability p_k, as int64. logits: ln p_k, up to a constant; probs: up to a factor."""

    arg_constraints: ClassVar = {"probs": constraints.nonnegative_vector, "logits": constraints.real_vector}
    _event_dims: ClassVar = {"probs": 1, "logits": 1}
    has_enumerate_support = True

    def __init__(
        self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        """probs or logits (..., K); they are normalized.

        Raises SettingError unless one is given, DataError for probs below 0 or all 0, ShapeError, DtypeError.
        """
        name, value = one_of("Categorical", probs, logits)
        floating("Categorical", **{name: value})
        if value.ndim < 1 or not value.shape[-1]:
            raise ShapeError("Categorical", f"{name} (..., K)", value.shape)
        vars(self)[name] = value
        super().__init__(value.shape[:-1], validate_args=validate_args)
        vars(self)[name] = value / value.sum(-1, True) if name == "probs" else log_softmax(value, -1)

    def __getattr__(self, name: str) -> Any:
        if name == "probs" and "logits" in vars(self):
            return softmax(self.logits, -1)
        if name == "logits" and "probs" in vars(self):
            return inside(self.probs).log()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of probs and logits."""
        return (*self.batch_shape, self._classes)

    @property
    def support(self) -> Constraint:
        """Whole numbers from 0 to K - 1."""
        return constraints.integer_interval(0, self._classes - 1)

    @property
    def mean(self) -> Tensor:
        """nan: classes have no mean."""
        found: Tensor = self.probs[..., 0] * float("nan")
        return found

    @property
    def variance(self) -> Tensor:
        """nan."""
        return self.mean

    @property
    def mode(self) -> Tensor:
        """The most probable class."""
        y: Tensor = self.probs.argmax(-1)
        return y

    def sample(self, sample_shape: Shape = ()) -> Tensor:
        """Classes: how many of the cumulative sums of p are at most a uniform number."""
        p = self.probs.detach().to("float64")
        xp = namespaces[type(p.array)]
        c = xp.cumulative_sum(p.array, axis=-1)
        c = c / c[..., -1:]
        u = uniform_noise((*self._extended_shape(sample_shape), 1), p)
        return Tensor(xp.sum(xp.astype(u.array >= c[..., :-1], xp.int64), axis=-1))

    def log_prob(self, value: Tensor) -> Tensor:
        """ln p of the class."""
        self._validate_sample("log_prob", value)
        shape = broadcast_shape("Categorical.log_prob", value.shape, self.batch_shape)
        index = value.to("int64").expand(shape).unsqueeze(-1)
        return gather(self.logits.expand(*shape, self._classes), -1, index).squeeze(-1)

    def entropy(self) -> Tensor:
        """-sum p_k ln p_k, where p_k = 0 counts 0."""
        lowest = float(namespaces[type(self.probs.array)].finfo(self.probs.array.dtype).min)
        found: Tensor = -(self.probs * self.logits.clamp(lowest)).sum(-1)
        return found

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """0 to K - 1."""
        return _all_values(self._classes, self.probs, self.batch_shape, expand).to("int64")

    @property
    def _classes(self) -> int:
        size: int = self.probs.shape[-1]
        return size


def inside(p: Tensor) -> Tensor:
    """Probabilities that are at least the dtype's precision away from 0 and 1, so that their logarithms are finite."""
    eps = float(namespaces[type(p.array)].finfo(p.array.dtype).eps)
    return p.clamp(eps, 1 - eps)


def _all_values(n: int, like: Tensor, batch: Shape, expand: bool) -> Tensor:
    xp, x = namespaces[type(like.array)], like.array
    values = Tensor(xp.arange(n, dtype=x.dtype, device=x.device)).reshape(n, *[1] * len(batch))
    return values.expand(n, *batch) if expand else values
