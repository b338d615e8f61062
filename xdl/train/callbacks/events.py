"""Events: what happens in a training, one JSON object a line, for another process to follow while it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, ClassVar

from xdl.io.files import append, write_atomic
from xdl.train.callbacks.callback import Callback, Record
from xdl.train.callbacks.lines import event_of, lines_of

if TYPE_CHECKING:
    from xdl.train.loop import Loop

RECORDED = "seconds"  # a measure that the record of an epoch has, and a log has not
FORM = {"time": int | float, "step": int, "phase": str, "measures": dict}
TICK = 1e-6  # seconds by which an event is at least later than the one before


class EventStream:
    """Appends events to a file:

        {"time": 1764366000.12, "step": 50, "phase": "train", "measures": {"loss": 0.31, ...}, "part": "with-dropout"}

    time:     seconds since 1970; of each event later than of all before it in the file, also after a resume
    step:     of the optimizer, of the training in progress; 0 before the first
    phase:    what this is about, see `Events` and `runs.run`
    measures: numbers; null for nan and infinity
    part:     which of the run's trainings; left out where there is only one. Some phases have more names of their own

    A line is written at once and in one piece: what follows the last end of a line in the file is no event yet (or
    was cut when the power failed). `read_events` reads a file that is still written.

    Raises StorageError where the file cannot be written, DataError for what is no file.
    """

    name: ClassVar[str] = "events.jsonl"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path, self.step = Path(path), 0
        self._opened, self._cut = 0.0, False
        for line in _lines(self.path):
            self._cut = not line.endswith(b"\n")
            if not self._cut and (event := event_of(line)) is not None:
                self._opened = event["time"]
        self._time = self._opened

    def write(
        self, phase: str, measures: Mapping[str, float] | None = None, step: int | None = None, **more: Any
    ) -> None:
        """Adds an event; step: without it, the last one that an event had."""
        self.step = self.step if step is None else step
        self._time = max(round(time(), 6), round(self._time + TICK, 6))
        numbers = {name: value if isfinite(value) else None for name, value in (measures or {}).items()}
        given = {name: value for name, value in more.items() if value != ""}
        line = _line({"time": self._time, "step": self.step, "phase": phase, "measures": numbers, **given})
        append(self.path, b"\n" + line if self._cut else line)
        self._cut = False

    def forget(self, part: str, step: int, within: bool = False) -> None:
        """Removes events of later steps of that part, which an earlier process has left: they will come again.

        within: the epoch of that step has not come to its end, and so its record, which has that step too, is later

        The file is replaced by a new one if there is something to remove.
        """
        if not self._opened:
            return

        def left_over(event: Mapping[str, Any]) -> bool:
            same = event["time"] <= self._opened and event.get("part", "") == part
            if not same or event["step"] != step:
                return same and bool(event["step"] > step)
            return event["phase"] == "evaluate" or (within and RECORDED in event["measures"])

        events = read_events(self.path)
        kept = [event for event in events if not left_over(event)]
        if len(kept) < len(events):
            write_atomic(self.path, b"".join(map(_line, kept)))


class Events(Callback):
    """Tells an event stream of a training. Its phases:

    fit:        the training begins, or goes on, after `step` steps; of measures the epoch
    train:      at every log: the means over the epoch so far, the speed, the rate, and the epoch
    validation: after an epoch: its record. Without validation data this is called train, too

    When a training goes on from a checkpoint, its events of later steps are removed first, and so are those of that
    step which come again: the epoch's record, and measures after the training. What is left is in the file once, and
    is what the steps measured that led to the weights of the end.

    part: the name of the training, where a run has several
    """

    def __init__(self, stream: EventStream, part: str = "") -> None:
        self.stream, self.part = stream, part

    def on_fit_start(self, trainer: Loop) -> None:
        """Brings the file to the trainer's step."""
        self.stream.forget(self.part, trainer.step, trainer.epoch > len(trainer.history))
        self.stream.write("fit", {"epoch": trainer.epoch}, trainer.step, part=self.part)

    def on_log(self, trainer: Loop, measures: dict[str, float]) -> None:
        """Adds an event."""
        self.stream.write("train", {"epoch": trainer.epoch, **measures}, trainer.step, part=self.part)

    def on_epoch_end(self, trainer: Loop, record: Record) -> None:
        """Adds an event."""
        validated = any(name.startswith("validation_") for name in record)
        self.stream.write("validation" if validated else "train", record, trainer.step, part=self.part)

    def on_interrupt(self, trainer: Loop) -> None:
        """Notes the step, for the event that tells of the interruption."""
        self.stream.step = trainer.step


def read_events(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The events that a file holds so far; none where it does not exist yet. A line that is no event is left out.

    Raises DataError for a directory, a device, or a file that cannot be read.
    """
    whole = (line for line in _lines(Path(path)) if line.endswith(b"\n"))
    return [event for line in whole if (event := event_of(line)) is not None]


def _lines(path: Path) -> Iterator[bytes]:
    return lines_of("events", path) if path.exists() else iter(())


def _line(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, allow_nan=False, ensure_ascii=False).encode() + b"\n"
