"""From samplers to batches: how the indices of a pass are drawn from any sampler, and cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from itertools import islice
from typing import Any

import numpy as np

from xdl.data.order import BLOCK, Batches, Order, as_indices, given
from xdl.data.sampler import Sampler, State, Stateful, positive
from xdl.errors import DataError, SettingError
from xdl.tensor import Tensor

ENDLESS = 1 << 22  # indices that a sampler without a length may give; of batches a 64th


class LengthError(SettingError, TypeError):
    """A sampler has no length. As a TypeError, it lets `list(loader)` go on without one."""


class BatchSampler:
    """The indices of a sampler in batches of batch_size; drop_last leaves a smaller last one out.

    Raises SettingError for batch_size < 1.
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool = False) -> None:
        self.sampler, self.drop_last = sampler, drop_last
        self.batch_size = positive("BatchSampler", batch_size, "batch_size")

    def __len__(self) -> int:
        if not isinstance(self.sampler, Sized) or not _has_length(self.sampler):
            raise LengthError("BatchSampler", "a sampler with a length", type(self.sampler).__name__)
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def draw(self) -> Batches:
        """The batches of the next pass."""
        return Batches(draw_order(self.sampler), self.batch_size, self.drop_last)

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self.draw())

    def state_dict(self) -> State:
        """The sampler's state; empty if it has none."""
        return self.sampler.state_dict() if isinstance(self.sampler, Stateful) else {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Hands the state to the sampler."""
        if isinstance(self.sampler, Stateful):
            self.sampler.load_state_dict(state)


def draw_order(sampler: Iterable[int]) -> Order:
    """The next pass of any sampler: by `draw`, `order` or `__iter__`, whichever its most derived class defines.

    Raises DataError for indices that are no integers, and where a sampler without a length does not end.
    """
    if isinstance(sampler, Sampler):
        ways = (vars(kind) for kind in type(sampler).__mro__)
        way = next(way for way in ways if {"draw", "order", "__iter__"} & way.keys())
        if "draw" in way:
            return sampler.draw()
        if "order" in way:
            return given(sampler.order())
    if isinstance(sampler, range | list | tuple | np.ndarray | Tensor):
        return given(sampler)
    end, total, parts, rest = None if _has_length(sampler) else ENDLESS, 0, [], iter(sampler)
    while some := list(islice(rest, BLOCK)):
        parts.append(as_indices("sampler", some))
        total += len(some)
        _check_end("sampler", total, end)
    return given(np.concatenate(parts) if parts else [])


def draw_batches(batch_sampler: Any) -> Sequence[np.ndarray]:
    """The batches of the next pass of any batch sampler; those of xdl's own are made when they are asked for.

    Raises DataError as `draw_order` does.
    """
    if isinstance(batch_sampler, BatchSampler) and type(batch_sampler).__iter__ is BatchSampler.__iter__:
        return batch_sampler.draw()
    end, batches = None if _has_length(batch_sampler) else ENDLESS // 64, []
    for batch in batch_sampler:
        batches.append(as_indices("batch_sampler", batch))
        _check_end("batch_sampler", len(batches), end)
    return batches


def _has_length(sampler: object) -> bool:
    try:
        return isinstance(sampler, Sized) and len(sampler) >= 0
    except (NotImplementedError, TypeError):  # a Sampler without one
        return False


def _check_end(operation: str, count: int, end: int | None) -> None:
    if end is not None and count >= end:
        hint = "Give it a length (__len__), or draw with RandomSampler(dataset, num_samples=...), of any length"
        raise DataError(operation, "a pass that ends, from what has no length", f"{count} and no end", hint)
