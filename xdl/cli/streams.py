"""The streams of a command: those that are closed, that lack letters, that are full, or that nobody reads any more."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import Any, TextIO


def open_streams() -> None:
    """Makes stdin, stdout and stderr usable.

    One that is closed goes nowhere: otherwise the next file that is opened would take its number, and what is printed
    would land in it. A letter that the encoding lacks is printed as an escape: \\xe9, \\u7eaa.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def finished(stream: TextIO) -> str | None:
    """Writes out what is left in a stream at the end. Returns None where that was possible, else the `reason`."""
    try:
        stream.flush()
    except OSError as error:
        with suppress(OSError):  # no stream of the system
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # Python flushes once more at its end
        return reason(error)
    return None


def reason(error: OSError) -> str:
    """What the system says, and of which file; nothing for a reader of a pipe that left, which wants no words."""
    if error.errno == errno.EPIPE and not error.filename:
        return ""
    return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
