"""Where the consumer of an iterable dataset stands: how many batches were delivered, which a later pass passes over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xdl.errors import CheckpointError, expect


@dataclass
class Reading:
    """One pass over the dataset. skipped: batches that were delivered before it; delivered: with those, so far."""

    skipped: int = 0
    delivered: int = 0


class Readings:
    """The passes of one loader; `newest` until its iterator has said that it is over."""

    def __init__(self) -> None:
        self.newest: Reading | None = None
        self._resumed = False

    def begin(self) -> Reading:
        """A new pass, or one that goes on behind what was delivered before `load_state_dict`."""
        if self.newest is None or not self._resumed:
            self.newest = Reading()
        self._resumed = False
        return self.newest

    def end(self, finished: Reading) -> None:
        """The consumer knows that there are no more batches in this pass."""
        if self.newest is finished:
            self.newest = None

    def state_dict(self) -> dict[str, Any]:
        """The batches delivered of an unfinished pass, else None."""
        return {"delivered": None if self.newest is None else self.newest.delivered}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The next pass reads that many batches and drops them. Raises CheckpointError for what is no such state."""
        delivered = state.get("delivered", -1) if isinstance(state, Mapping) and len(state) == 1 else -1
        counts = delivered is None or (type(delivered) is int and delivered >= 0)
        expected = "the state_dict of a DataLoader over an IterableDataset"
        expect(counts, CheckpointError, "DataLoader", expected, repr(state)[:200])
        self.newest = None if delivered is None else Reading(delivered, delivered)
        self._resumed = delivered is not None
