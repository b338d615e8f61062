"""Samplers: in which order the samples of a dataset come, and how they are cut into batches.

A sampler of your own is anything with `len(sampler)` that gives indices when iterated. If its order changes from
pass to pass, give it `state_dict` and `load_state_dict` too, so that an interrupted training finds its order again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from typing import Any, Protocol, runtime_checkable

import numpy as np

from xdl import backend, random
from xdl.errors import CheckpointError, DataError, SettingError
from xdl.random import Stream

State = dict[str, Any]


@runtime_checkable
class Stateful(Protocol):
    """What a sampler needs to be resumed when its order changes from pass to pass."""

    def state_dict(self) -> State:
        """Where it stands: all that the next pass depends on."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes back there."""


class Sampler:
    """Base of xdl's samplers: `order()` gives the indices of one pass at once, int64 (len,)."""

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no length")

    def order(self) -> np.ndarray:
        """The indices of the next pass."""
        raise NotImplementedError(f"{type(self).__name__} has no order method")

    def __iter__(self) -> Iterator[int]:
        return iter(self.order().tolist())


class SequentialSampler(Sampler):
    """0, 1, 2, ... in every pass."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def order(self) -> np.ndarray:
        """The indices of the next pass."""
        return np.arange(len(self.data_source))


class ChanceSampler(Sampler):
    """Base of the samplers that draw from a stream.

    generator: the stream; without it `random.stream("shuffle")`, which follows `xdl.manual_seed`
    """

    def __init__(self, generator: Stream | None) -> None:
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
        self.num_samples = None if num_samples is None else _positive("RandomSampler", num_samples)

    def __len__(self) -> int:
        return len(self.data_source) if self.num_samples is None else self.num_samples

    def order(self) -> np.ndarray:
        """The indices of the next pass."""
        size, wanted = len(self.data_source), len(self)
        if wanted and not size:
            raise DataError("RandomSampler", "a dataset with samples", "an empty one")
        if self.replacement:
            return np.asarray(self.generator.integers(0, size, (wanted,), host_array()))
        rounds = max(1, -(-wanted // max(size, 1)))
        return np.concatenate([self.generator.permutation(size, host_array()) for _ in range(rounds)])[:wanted]


class SubsetRandomSampler(ChanceSampler):
    """The given indices, in a new random order for every pass."""

    def __init__(self, indices: Sequence[int] | np.ndarray, generator: Stream | None = None) -> None:
        super().__init__(generator)
        self.indices = np.asarray(indices, dtype=np.int64).reshape(-1)

    def __len__(self) -> int:
        return len(self.indices)

    def order(self) -> np.ndarray:
        """The indices of the next pass."""
        return self.indices[self.generator.permutation(len(self.indices), host_array())]


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
        self.weights = np.asarray(weights, dtype=np.float64)
        self.num_samples, self.replacement = _positive("WeightedRandomSampler", num_samples), replacement
        usable = self.weights.ndim == 1 and np.isfinite(self.weights).all() and (self.weights >= 0).all()
        if not usable or not self.weights.any():
            hint = "Give one weight a sample; at least one must be above 0"
            raise SettingError("WeightedRandomSampler", "weights (N,) that are finite and >= 0", "others", hint)
        above = int(np.count_nonzero(self.weights))
        if not replacement and above < num_samples:
            raise SettingError("WeightedRandomSampler", f"num_samples <= the {above} weights above 0", num_samples)

    def __len__(self) -> int:
        return self.num_samples

    def order(self) -> np.ndarray:
        """The indices of the next pass."""
        if not self.replacement:
            u = self.generator.uniform((len(self.weights),), "float64", host_array())
            with np.errstate(divide="ignore", invalid="ignore"):
                waiting = -np.log1p(-u) / self.weights
            waiting[self.weights == 0] = np.inf
            first: np.ndarray = np.argsort(waiting, kind="stable")[: self.num_samples]
            return first
        running = np.cumsum(self.weights)
        u = self.generator.uniform((self.num_samples,), "float64", host_array())
        last = np.flatnonzero(self.weights)[-1]  # rounding may put u * sum at the very end
        drawn: np.ndarray = np.minimum(np.searchsorted(running, u * running[-1], side="right"), last)
        return drawn


class BatchSampler:
    """The indices of a sampler in batches of batch_size; drop_last leaves a smaller last one out.

    Raises SettingError for batch_size < 1.
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool = False) -> None:
        self.sampler, self.drop_last = sampler, drop_last
        self.batch_size = _positive("BatchSampler", batch_size, "batch_size")

    def __len__(self) -> int:
        if not isinstance(self.sampler, Sized):
            raise SettingError("BatchSampler", "a sampler with a length", type(self.sampler).__name__)
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[np.ndarray]:
        order = self.sampler.order() if isinstance(self.sampler, Sampler) else np.array(list(self.sampler), np.int64)
        end = len(order) - len(order) % self.batch_size if self.drop_last else len(order)
        for start in range(0, end, self.batch_size):
            yield order[start : min(start + self.batch_size, end)]

    def state_dict(self) -> State:
        """The sampler's state; empty if it has none."""
        return self.sampler.state_dict() if isinstance(self.sampler, Stateful) else {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Hands the state to the sampler."""
        if isinstance(self.sampler, Stateful):
            self.sampler.load_state_dict(state)


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


def host_array() -> Any:
    """An array that tells a stream to draw on the host."""
    return backend.load("numpy").asarray([], "uint64")


def _is_word(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64


def _positive(operation: str, value: Any, name: str = "num_samples") -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise SettingError(operation, f"{name} >= 1", repr(value))
    return value
