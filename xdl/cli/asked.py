"""What the commands that run experiments share: the settings that are given, and how an interruption ends."""

from __future__ import annotations

from pathlib import Path
from shlex import join
from signal import SIGINT

import typer

from xdl.cli.output import complain
from xdl.runs.settings import split


def settings_given(assignments: list[str] | None, epochs: int | None) -> dict[str, str]:
    """The texts of --set by key, and of --epochs."""
    given = split(assignments or [])
    if epochs is not None:
        given["epochs"] = str(epochs)
    return given


def where(data_dir: Path | None) -> list[str]:
    """The words of a command that say where the data lie."""
    return ["--data-dir", str(data_dir)] if data_dir else []


def interrupted(stop: KeyboardInterrupt, command: list[str]) -> typer.Exit:
    """Says what command goes on, and gives the end of this one, with the exit code of the signal."""
    complain(f"{str(stop) or 'interrupted'}. Go on with: {join(command)}")
    return typer.Exit(getattr(stop, "exit_code", 128 + SIGINT))
