"""Event files, which the program TensorBoard shows: records of protocol buffers, one after another.

    record = length of the event (8 bytes), its checksum (4), the event, the event's checksum (4), all little-endian

tensorboardX brings the messages and the checksum. Its own writer hands events to a thread by a queue: on a full disk
the thread dies, the queue fills, and who logs waits for ever; in a forked process there is no thread at all. Here a
record is written at once, whole or not at all, by the one who logs.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import time
from typing import Any

from xdl.io.files import append

VERSION = "brain.Event:2"
MARK = "tfevents"  # TensorBoard reads files with this word in their name


class EventFile:
    """A new event file at `path`.

    purge_step: hides what earlier files of the folder have of this step and later ones; None hides nothing

    Raises StorageError where the file cannot be written, ImportError without tensorboardX.
    """

    def __init__(self, path: str | os.PathLike[str], purge_step: int | None = None) -> None:
        from tensorboardX.proto.event_pb2 import SessionLog

        self.path = Path(path)
        self._write(file_version=VERSION, **({} if purge_step is None else {"step": purge_step}))
        if purge_step is not None:
            self._write(step=purge_step, session_log=SessionLog(status=SessionLog.START))

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Adds numbers by name, as one record. Raises StorageError; then the file ends with the record before."""
        from tensorboardX.proto.summary_pb2 import Summary
        from tensorboardX.summary import scalar

        parts = [part for name, value in values.items() for part in scalar(name, value).value]
        self._write(step=step, summary=Summary(value=parts))

    def _write(self, **fields: Any) -> None:
        from tensorboardX.proto.event_pb2 import Event
        from tensorboardX.record_writer import masked_crc32c

        event = Event(wall_time=time(), **fields).SerializeToString()
        length = struct.pack("<Q", len(event))
        sums = [struct.pack("<I", masked_crc32c(part)) for part in (length, event)]
        append(self.path, length + sums[0] + event + sums[1])


def steps_with(folder: Path, prefix: str) -> set[int]:
    """The steps of which the event files of a folder show a number whose name begins so; purged ones are left out."""
    files = sorted(folder.glob(f"*{MARK}*"), key=lambda path: path.stat().st_mtime_ns)
    steps: set[int] = set()
    for event in (event for path in files for event in read_events(path)):
        if event.session_log.status == event.session_log.START:
            steps = {step for step in steps if step < event.step}
        if any(value.tag.startswith(prefix) for value in event.summary.value):
            steps.add(event.step)
    return steps


def read_events(path: Path) -> Iterator[Any]:
    """The events of a file, up to the first record that is not whole."""
    from tensorboardX.proto.event_pb2 import Event

    content, start = path.read_bytes(), 0
    while start + 12 <= len(content):
        (length,) = struct.unpack_from("<Q", content, start)
        end = start + 12 + length
        if end > len(content):
            return
        try:
            yield Event.FromString(content[start + 12 : end])
        except Exception:  # protobuf's own kind, for bytes that are no event
            return
        start = end + 4
