"""The lines of JSON that callbacks leave, checked when they are read: a line may be damaged, or another program's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from xdl.errors import DataError
from xdl.io.json_text import parse
from xdl.io.reading import read_lines

YEAR_9999 = 253_402_300_800  # in seconds since 1970: what calendars end with
STATISTICS = ("mean", "std", "norm", "min", "max")  # of a parameter, or of its gradient


def lines_of(what: str, path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The lines of a file with their ends, see `read_lines`. Raises DataError for what is no file, or not readable.

    what: the file's name in the message
    """
    try:
        yield from read_lines(path)
    except FileNotFoundError:
        raise DataError(f"{what} {path}", "a file of lines", "no such file") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{what} {path}", "a file of lines", getattr(error, "strerror", None) or error) from error


def event_of(line: bytes) -> dict[str, Any] | None:
    """The event of a line of events.jsonl, see `EventStream`; None for a damaged one."""
    event = _object(line)
    if event is None or not {"time", "step", "phase", "measures"} <= event.keys():
        return None
    time, step, phase, measures, *more = (event[name] for name in ("time", "step", "phase", "measures", *event))
    right = _is_number(time) and 0 <= time < YEAR_9999 and type(step) is int and isinstance(phase, str)
    right = right and _are_numbers(measures) and not any(isinstance(v, dict | list) for v in more if v is not measures)
    return event if right else None


def record_of(line: bytes) -> dict[str, Any] | None:
    """The record of an epoch, a line of metrics.jsonl: numbers and null, with "epoch"; None for a damaged one."""
    record = _object(line)
    right = record is not None and _are_numbers(record) and record.get("epoch") is not None
    return record if right else None


def trace_of(line: bytes) -> dict[str, Any] | None:
    """A line of a trace, see `ParameterTrace`; None for a damaged one."""
    trace = _object(line)
    if trace is None or type(trace.get("step")) is not int or not isinstance(trace.get("parameters"), dict):
        return None
    norm, parameters = trace.get("gradient_norm"), trace["parameters"].values()
    right = (norm is None or _is_number(norm)) and all(isinstance(parts, dict) for parts in parameters)
    parts = [part for parts in parameters for part in (parts.get("value"), parts.get("gradient"))] if right else []
    right = right and all(p is None or (_are_numbers(p) and p.keys() >= set(STATISTICS)) for p in parts)
    return trace if right else None


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = parse(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _are_numbers(values: Any) -> bool:
    """Whether this is a dict of numbers and None."""
    return isinstance(values, dict) and all(value is None or _is_number(value) for value in values.values())
