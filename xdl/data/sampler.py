"""Samplers: in which order the samples of a dataset come.

A sampler of your own is anything with `len(sampler)` that gives indices when iterated. If its order changes from
pass to pass, give it `state_dict` and `load_state_dict` too, so that an interrupted training finds its order again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Sized
from typing import Any, Protocol, runtime_checkable

import numpy as np

from xdl import random
from xdl.data.collate import host
from xdl.data.order import Order, as_indices, drawn, given, host_array, permuted
from xdl.errors import CheckpointError, DataError, SettingError
from xdl.random import Stream
from xdl.random.philox import product

State = dict[str, Any]


@runtime_checkable
class Stateful(Protocol):
    """What a sampler needs to be resumed when its order changes from pass to pass."""

    def state_dict(self) -> State:
        """Where it stands: all that the next pass depends on."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes back there."""


class Sampler:
    """Base of samplers. One of your own defines `__iter__`, as in PyTorch, or `order()`: all indices of a pass at once.

    xdl's own define `draw()`: the indices of a pass, made when they are asked for.
    """

    def __init__(self, data_source: Any = None) -> None:
        """data_source: not used; PyTorch's subclasses used to hand it over."""

    def __class_getitem__(cls, _: Any) -> Any:
        """Sampler[int] is Sampler."""
        return cls

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no length")

    def draw(self) -> Order:
        """The indices of the next pass. It is drawn now, and made piece by piece."""
        return given(self.order())

    def order(self) -> np.ndarray:
        """The indices of the next pass, int64 (len,)."""
        if type(self).draw is Sampler.draw:
            raise NotImplementedError(f"{type(self).__name__} has no order method")
        return self.draw().whole()

    def __iter__(self) -> Iterator[int]:
        return iter(self.draw())


class SequentialSampler(Sampler):
    """0, 1, 2, ... in every pass."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def draw(self) -> Order:
        """The indices of the next pass."""
        return given(range(len(self.data_source)))


class ChanceSampler(Sampler):
    """Base of the samplers that draw from a stream.

    generator: the stream; without it `random.stream("shuffle")`, which follows `xdl.manual_seed`

    Raises SettingError for a generator that is no Stream.
    """

    def __init__(self, generator: Stream | None) -> None:
        check_generator(type(self).__name__, generator)
        self.generator = random.stream("shuffle") if generator is None else generator

    def state_dict(self) -> State:
        """The seed and the step of the stream."""
        return stream_state(self.generator)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Puts the stream where it stood."""
        set_stream(self.generator, state)


class RandomSampler(ChanceSampler):
    """A new random order for every pass.

    replacement: every index is drawn for itself, so that some come several times and others not at all
    num_samples: length of a pass (default: all samples once); without replacement, permutation follows permutation

    Raises SettingError for num_samples < 1, DataError for a dataset without samples.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Stream | None = None,
    ) -> None:
        super().__init__(generator)
        self.data_source, self.replacement = data_source, replacement
        self.num_samples = None if num_samples is None else positive("RandomSampler", num_samples)

    def __len__(self) -> int:
        return len(self.data_source) if self.num_samples is None else self.num_samples

    def draw(self) -> Order:
        """The indices of the next pass."""
        size, wanted = len(self.data_source), len(self)
        if wanted and not size:
            raise DataError("RandomSampler", "a dataset with samples", "an empty one")
        if self.replacement:
            return drawn(self.generator, wanted, lambda words: below(size, words))
        return permuted(self.generator, size, wanted)


class SubsetRandomSampler(ChanceSampler):
    """The given indices, in a new random order for every pass."""

    def __init__(self, indices: Sequence[int] | np.ndarray, generator: Stream | None = None) -> None:
        super().__init__(generator)
        self.indices = as_indices("SubsetRandomSampler", indices)

    def __len__(self) -> int:
        return len(self.indices)

    def draw(self) -> Order:
        """The indices of the next pass."""
        return given(self.indices[self.generator.permutation(len(self.indices), host_array())])


class WeightedRandomSampler(ChanceSampler):
    """Draws index i with probability weights[i] / sum(weights).

    weights:     (N,) not negative, not all 0; they need not sum to 1
    num_samples: length of a pass
    replacement: False draws no index twice in a pass: the next one goes by the weights of those that are left

    With replacement an index is found by bisection in the running sum of the weights. Without, index i waits for an
    exponential time of rate weights[i], and the first num_samples to arrive are taken, in that order.
    Raises SettingError for weights that are no such numbers, or fewer than num_samples that are not 0.
    """

    def __init__(
        self, weights: Any, num_samples: int, replacement: bool = True, generator: Stream | None = None
    ) -> None:
        super().__init__(generator)
        self.weights = host(weights).astype(np.float64)
        self.num_samples, self.replacement = positive("WeightedRandomSampler", num_samples), replacement
        usable = self.weights.ndim == 1 and np.isfinite(self.weights).all() and (self.weights >= 0).all()
        if not usable or not self.weights.any():
            hint = "Give one weight a sample; at least one must be above 0"
            raise SettingError("WeightedRandomSampler", "weights (N,) that are finite and >= 0", "others", hint)
        above = int(np.count_nonzero(self.weights))
        if not replacement and above < num_samples:
            raise SettingError("WeightedRandomSampler", f"num_samples <= the {above} weights above 0", num_samples)

    def __len__(self) -> int:
        return self.num_samples

    def draw(self) -> Order:
        """The indices of the next pass."""
        if not self.replacement:
            u = self.generator.uniform((len(self.weights),), "float64", host_array())
            with np.errstate(divide="ignore", invalid="ignore"):
                waiting = -np.log1p(-u) / self.weights
            waiting[self.weights == 0] = np.inf
            return given(np.argsort(waiting, kind="stable")[: self.num_samples])
        running, last = np.cumsum(self.weights), np.flatnonzero(self.weights)[-1]

        def convert(words: np.ndarray) -> np.ndarray:
            u = (words >> np.uint64(11)) * 2.0**-53
            found: np.ndarray = np.searchsorted(running, u * running[-1], side="right")
            np.minimum(found, last, out=found)  # rounding may put u * sum at the very end
            return found

        return drawn(self.generator, self.num_samples, convert)


def stream_state(stream: Stream) -> State:
    """Where a stream stands: its seed and its step."""
    return {"seed": stream.key[0], "step": stream.step}


def set_stream(stream: Stream, state: Mapping[str, Any]) -> None:
    """Puts a stream where `stream_state` found it. Raises CheckpointError for another kind of state."""
    named = isinstance(state, Mapping) and state.keys() == {"seed", "step"}
    if not named or not all(map(_is_word, state.values())):
        raise CheckpointError("sampler", 'the state {"seed": int, "step": int} of a stream', repr(state))
    stream.reseed(state["seed"])
    stream.step = state["step"]


def check_generator(operation: str, generator: object) -> None:
    """Raises SettingError for a generator that is neither a Stream nor None."""
    if generator is not None and not isinstance(generator, Stream):
        hint = 'Write generator=xdl.random.Stream(0, "shuffle")'
        raise SettingError(operation, "a generator of the type xdl.random.Stream", type(generator).__name__, hint)


def _is_word(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64


def positive(operation: str, value: Any, name: str = "num_samples") -> int:
    """The value, if it is an integer in [1, 2**63); else raises SettingError."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise SettingError(operation, f"{name} >= 1", repr(value))
    if value >= 1 << 63:
        raise SettingError(operation, f"{name} < 2**63", value)
    return value


def below(size: int, words: np.ndarray) -> np.ndarray:
    """Integers in [0, size), int64, each equally likely within 2**-64: floor(word size / 2**64)."""
    drawn_below: np.ndarray = product(words, size)[0].astype(np.int64)
    return drawn_below
