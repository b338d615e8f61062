"""`xdl follow`: the events of a run, from another terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from time import localtime, strftime
from typing import Annotated, Any

import typer

from xdl.cli.output import RunPath, print_json, show

COUNTS = 1e12  # whole numbers below it are shown as they are


def follow(
    run: RunPath,
    as_json: Annotated[bool, typer.Option("--json", help="Print events as they are: one JSON object a line.")] = False,
) -> None:
    """Print what happens in a run as it happens, from its start to its end."""
    from xdl.runs.events import follow
    from xdl.runs.saved_run import read_run

    read_run(run)  # says what is missing where this is no run's folder
    for event in follow(run):
        if as_json:
            print_json(event, indent=None)
        else:
            show(_words(event))
        sys.stdout.flush()


def _words(event: Mapping[str, Any]) -> str:
    """One line: time, phase, what it is of, step, measures."""
    named = [str(value) for name, value in event.items() if name not in ("time", "step", "phase", "measures")]
    measures = [f"{name} {_number(value)}" for name, value in event["measures"].items()]
    words = [strftime("%H:%M:%S", localtime(event["time"])), event["phase"], *named, f"step {event['step']}", *measures]
    return "  ".join(words)


def _number(value: float | None) -> str:
    """Four figures of a measure, all of a count: 29997 samples are not 3e+04."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) < COUNTS and float(value).is_integer() else f"{value:.4g}"
