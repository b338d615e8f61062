"""Following the events of a run from another process, while it works."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from xdl.io.claim import is_claimed
from xdl.train import EventStream, read_events

ENDS = ("end", "failed", "interrupted")
PAUSE = 0.2  # seconds between two looks at the file
SILENCE = 2.0  # seconds without an event after which it is asked whether the process still lives


def follow(folder: Path) -> Iterator[dict[str, Any]]:
    """The events of a run, those of before first, each once and as soon as it is there.

    Ends with the event that ends the run, or when no process works on it any more: a killed one says no word. Where
    that cannot be seen (on Windows), only with the former. The file is read anew when it has grown or, by a run that
    was resumed, been replaced; times, which grow from event to event, tell which events are new.
    """
    path, last, seen, heard = folder / EventStream.name, 0.0, None, monotonic()
    while True:
        state = _state(path)
        new = [event for event in read_events(path) if event["time"] > last] if state != seen else []
        seen = state
        yield from new
        if new:
            last, heard = new[-1]["time"], monotonic()
            if new[-1]["phase"] in ENDS:
                return
        elif monotonic() - heard > SILENCE:
            if os.name != "nt" and not is_claimed(folder):
                return
            heard = monotonic()
        sleep(PAUSE)


def _state(path: Path) -> tuple[int, int] | None:
    """Tells a file from what it was before; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size
