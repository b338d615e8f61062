"""Loader: what a training takes its batches from, and where in its pass it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Protocol, runtime_checkable

from xdl.errors import CheckpointError

Batch = Any  # what the task takes: of `Supervised` a tuple of Tensors, the target last, samples along dimension 0


class Loader(Protocol):
    """Gives batches: `data.DataLoader`, a list, or anything with a length that can be iterated over again and again."""

    def __len__(self) -> int:
        """The number of batches."""

    def __iter__(self) -> Iterator[Batch]:
        """The batches of one pass over the data."""


@runtime_checkable
class Resumable(Protocol):
    """A loader, as `data.DataLoader`, that goes on in the middle of a pass.

    Any other is taken to give the same batches in every pass, as a list does.
    """

    def state_dict(self) -> dict[str, Any]:
        """Where the consumer stands: after the batches that it was given."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The next pass goes on from there."""


def position(loader: Loader | None) -> dict[str, Any] | None:
    """Where the loader stands, or None for one that does not know."""
    return loader.state_dict() if isinstance(loader, Resumable) else None


def go_to(operation: str, loader: Loader, state: dict[str, Any] | None) -> None:
    """Brings the loader to a `position`. Raises CheckpointError where only one of the two knows of positions."""
    if (state is not None) != isinstance(loader, Resumable):
        expected = "a loader without a state" if state is None else "a loader with state_dict and load_state_dict"
        raise CheckpointError(operation, f"{expected}, as when the state was saved", type(loader).__name__)
    if isinstance(loader, Resumable):
        loader.load_state_dict(state or {})


def rest(loader: Loader, done: int) -> Iterator[Batch]:
    """The batches of a pass after the first `done`: a loader that knows where it stands begins there by itself."""
    return islice(loader, 0 if isinstance(loader, Resumable) else done, None)
