"""`torch.Generator` and the state of the random numbers, over xdl's streams."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Self

from xdl.random import Stream, get_state, initial_seed, manual_seed, set_state

_made = count()


class Generator(Stream):
    """A stream of random numbers of its own. device: passed over, since a stream serves every device."""

    def __init__(self, device: Any = None) -> None:  # noqa: ARG002
        super().__init__(0, f"generator {next(_made)}")
        self.seed_given = 0

    def manual_seed(self, seed: int) -> Self:
        """Starts again under a seed; returns itself."""
        self.reseed(seed % 2**64)
        self.seed_given = seed
        return self

    def initial_seed(self) -> int:
        """The seed."""
        return self.seed_given


def seed() -> int:
    """The seed of all streams; PyTorch would choose a new one."""
    return initial_seed()


get_rng_state, set_rng_state = get_state, set_state


@contextmanager
def fork_rng(*_: Any, enabled: bool = True, **__: Any) -> Iterator[None]:
    """Leaves the random numbers after the block as they were before it."""
    state = get_state()
    yield
    if enabled:
        set_state(state)


__all__ = ["Generator", "fork_rng", "get_rng_state", "manual_seed", "seed", "set_rng_state"]
