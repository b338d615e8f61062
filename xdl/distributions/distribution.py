"""What every distribution is: parameters that broadcast to a batch, and events of one shape.

    sample((S,))    (S, *batch_shape, *event_shape)      constants
    rsample((S,))   the same, with a gradient for the parameters (D. Kingma, M. Welling, 2014)
    log_prob(x)     (..., *batch_shape) for x (..., *batch_shape, *event_shape)

Noise comes from `xdl.random.stream("random")`: the same on every backend, fixed by `xdl.manual_seed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, ClassVar, Self

from xdl.backend import dtype_name
from xdl.creation import tensor
from xdl.creation.filled import sizes
from xdl.distributions.constraints import Constraint
from xdl.errors import DtypeError, SettingError, ShapeError, XdlError
from xdl.functional.operands import broadcast_shape
from xdl.promotion import promote_types
from xdl.random import stream
from xdl.tensor import Tensor, no_grad

Shape = Sequence[int]


class MissingFormulaError(XdlError, NotImplementedError):
    """What a distribution does not have, or a pair of distributions."""


class Distribution:
    """The base of all. A class of your own sets its parameters, then calls `super().__init__`.

    arg_constraints: what each parameter has to be; _event_dims: how many dimensions of one belong to an event
    has_rsample: whether samples have gradients; has_enumerate_support: whether all values can be listed
    """

    arg_constraints: ClassVar[dict[str, Constraint]] = {}
    _event_dims: ClassVar[dict[str, int]] = {}
    has_rsample = False
    has_enumerate_support = False
    _validate_by_default = True

    def __init__(self, batch_shape: Shape = (), event_shape: Shape = (), validate_args: bool | None = None) -> None:
        """validate_args: whether parameters and values are checked, by default as `set_default_validate_args` says.

        Raises DataError for a parameter that breaks its constraint.
        """
        self.batch_shape, self.event_shape = tuple(batch_shape), tuple(event_shape)
        self._checked = Distribution._validate_by_default if validate_args is None else validate_args
        if self._checked:
            for name in self._given():
                self.arg_constraints[name].require(type(self).__name__, name, getattr(self, name))

    def _given(self) -> list[str]:
        """The parameters that were given, not those computed from others."""
        return [name for name in self.arg_constraints if name in vars(self)]

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions made from now on check what they get."""
        Distribution._validate_by_default = bool(value)

    @property
    def support(self) -> Constraint:
        """What a value has to be."""
        raise self._lacks("support")

    @property
    def mean(self) -> Tensor:
        """The mean."""
        raise self._lacks("mean")

    @property
    def mode(self) -> Tensor:
        """The value of the largest probability or density."""
        raise self._lacks("mode")

    @property
    def variance(self) -> Tensor:
        """The variance."""
        raise self._lacks("variance")

    @property
    def stddev(self) -> Tensor:
        """The standard deviation."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Shape = ()) -> Tensor:
        """Samples without a gradient."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Shape = ()) -> Tensor:
        """Samples whose gradient reaches the parameters."""
        raise self._lacks("rsample")

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density or probability of a value."""
        raise self._lacks("log_prob")

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of at most this value."""
        raise self._lacks("cdf")

    def icdf(self, value: Tensor) -> Tensor:
        """The value which is not exceeded with this probability."""
        raise self._lacks("icdf")

    def entropy(self) -> Tensor:
        """The mean of -log_prob, in nats."""
        raise self._lacks("entropy")

    def perplexity(self) -> Tensor:
        """e**entropy."""
        return self.entropy().exp()

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values along a new first dimension; expand: for each distribution of the batch."""
        raise self._lacks("enumerate_support")

    def expand(self, batch_shape: Shape) -> Self:
        """The same distribution with its parameters expanded to a batch. Raises ShapeError."""
        parameters = {}
        for name in self._given():
            x = getattr(self, name)
            parameters[name] = x.expand(*batch_shape, *x.shape[x.ndim - self._event_dims.get(name, 0) :])
        return type(self)(**parameters, validate_args=False)._checking(self._checked)

    def _checking(self, checked: bool) -> Self:
        self._checked = checked
        return self

    def _extended_shape(self, sample_shape: Shape) -> tuple[int, ...]:
        """The shape of samples. Raises ShapeError for a sample_shape that is none."""
        operation = f"{type(self).__name__}.sample"
        if not isinstance(sample_shape, Sequence):
            raise ShapeError(operation, "sample_shape: a list or tuple of sizes, as (3,)", repr(sample_shape))
        return (*sizes(operation, (sample_shape,), None), *self.batch_shape, *self.event_shape)

    def _validate_sample(self, operation: str, value: Tensor) -> None:
        """Raises DtypeError, ShapeError or DataError for a value that is none of this distribution."""
        operation = f"{type(self).__name__}.{operation}"
        if not isinstance(value, Tensor):
            raise DtypeError(operation, "a Tensor as value", type(value).__name__, "Wrap it with xdl.tensor(...)")
        if not self._checked:
            return
        n = len(self.event_shape)
        if value.ndim < n or value.shape[value.ndim - n :] != self.event_shape:
            raise ShapeError(operation, f"values (..., {', '.join(map(str, self.event_shape))})", value.shape)
        broadcast_shape(operation, value.shape[: value.ndim - n], self.batch_shape)
        self.support.require(operation, "values", value)

    def _lacks(self, name: str) -> MissingFormulaError:
        return MissingFormulaError(name, f"a distribution that has {name}", type(self).__name__)

    def __repr__(self) -> str:
        shown = [f"{name}: {_short(getattr(self, name))}" for name in self._given()]
        return f"{type(self).__name__}({', '.join(shown)})"


def _short(x: Tensor) -> str:
    return str(x.item()) if x.numel() == 1 else str(x.shape)


def broadcast_all(operation: str, **parameters: Any) -> list[Tensor]:
    """Numbers and Tensors as floating Tensors of one shape, dtype and backend; numbers take what the Tensors have."""
    tensors = [x for x in parameters.values() if isinstance(x, Tensor)]
    dtype = reduce(promote_types, [x.dtype for x in tensors], "float32") if tensors else "float32"
    made = []
    for name, x in parameters.items():
        if isinstance(x, bool) or not isinstance(x, Tensor | int | float):
            raise DtypeError(operation, f"a number or a Tensor as {name}", type(x).__name__)
        if isinstance(x, Tensor):
            made.append(x.to(dtype))
        else:
            made.append(tensor(x, dtype, tensors[0].device) if tensors else tensor(x, dtype))
    shape = broadcast_shape(operation, *[x.shape for x in made])
    return [x if x.shape == shape else x.expand(shape) for x in made]


def one_of(operation: str, probs: Any, logits: Any) -> tuple[str, Any]:
    """The name and value of the one that was given. Raises SettingError for both or neither."""
    if (probs is None) == (logits is None):
        found = "neither" if probs is None else "both"
        raise SettingError(operation, "either probs or logits", found)
    return ("logits", logits) if probs is None else ("probs", probs)


def uniform_noise(shape: Shape, like: Tensor) -> Tensor:
    """Uniform numbers in [0, 1) of like's dtype, where it lives."""
    return Tensor(stream("random").uniform(tuple(shape), dtype_name(like.array), like.array))


def normal_noise(shape: Shape, like: Tensor) -> Tensor:
    """Standard normal numbers of like's dtype, where it lives."""
    return Tensor(stream("random").normal(tuple(shape), dtype_name(like.array), like.array))


def exponential_noise(shape: Shape, like: Tensor) -> Tensor:
    """Exponential numbers of mean 1 of like's dtype, where it lives."""
    return -(1 - uniform_noise(shape, like)).log()
