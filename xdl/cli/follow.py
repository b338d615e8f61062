"""`xdl follow`: the events of a run, from another terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from time import localtime, strftime
from typing import Annotated, Any

import typer

from xdl.cli.output import RunPath, print_json, show


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
    measures = [f"{name} {'-' if value is None else f'{value:.4g}'}" for name, value in event["measures"].items()]
    words = [strftime("%H:%M:%S", localtime(event["time"])), event["phase"], *named, f"step {event['step']}", *measures]
    return "  ".join(words)
