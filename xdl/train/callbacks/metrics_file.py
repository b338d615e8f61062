"""MetricsFile: the measures of every epoch, one JSON object a line."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING

from xdl.io.files import append, write_atomic
from xdl.train.callbacks.callback import Callback, Record

if TYPE_CHECKING:
    from xdl.io.run_folder import RunFolder
    from xdl.train.loop import Loop


class MetricsFile(Callback):
    """Keeps metrics.jsonl in the run's folder: the trainer's history, one record a line, nan and infinity as null.

    A line is added after each epoch, and is in the file when the next one begins. When a fit starts the file is
    brought to the trainer's history: after a resume, lines of epochs that the checkpoint does not know go away.

    Raises StorageError where it cannot be written; then the file holds whole lines only.
    """

    name = "metrics.jsonl"

    def __init__(self, folder: RunFolder) -> None:
        self.path = folder.path / self.name

    def on_fit_start(self, trainer: Loop) -> None:
        """Makes the file what the history is."""
        if trainer.history or self.path.is_file():
            write_atomic(self.path, b"".join(map(_line, trainer.history)))

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:  # noqa: ARG002
        """Adds a line."""
        append(self.path, _line(record))


def _line(record: Record) -> bytes:
    values = {name: value if isfinite(value) else None for name, value in record.items()}
    return json.dumps(values, allow_nan=False).encode() + b"\n"
