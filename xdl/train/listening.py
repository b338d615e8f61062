"""A validation that a signal ends between two batches, as if it had not begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from xdl import random
from xdl.train.loader import Batch, Loader
from xdl.train.state import Carried
from xdl.train.stop import Stop


class Listening:
    """A loader's batches, until a signal comes.

    stop:  notes the signal
    parts: of the task that is measured
    obey:  ends the training then, and raises. All random streams, and what the parts carry, are then as they were when
           this was made, so that a state that is saved is one of before the validation
    """

    def __init__(self, loader: Loader, stop: Stop, parts: Mapping[str, Any], obey: Callable[[Stop], None]) -> None:
        self._loader, self._stop, self._obey = loader, stop, obey
        self._streams = random.get_state()
        self._carried = [(part, part.value) for part in parts.values() if isinstance(part, Carried)]

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._loader:
            if self._stop.signal is not None:
                random.set_state(self._streams)
                for part, value in self._carried:
                    part.value = value
                self._obey(self._stop)
            yield batch
