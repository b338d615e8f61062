"""`xdl list`: the experiments, or which row of the checklist runs where."""

from __future__ import annotations

from typing import Annotated

import typer

import xdl.docs
from xdl.cli.output import AsJson, print_json, show
from xdl.experiments import EXPERIMENTS, parts, rows_shown


def list_experiments(
    rows: Annotated[bool, typer.Option("--rows", help="Show which checklist row runs where.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the experiments, one line each, below the part of the books that they belong to."""
    if as_json:
        print_json(rows_shown() if rows else {name: experiment.summary for name, experiment in EXPERIMENTS.items()})
    elif rows:
        _show_rows()
    else:
        _show_parts()


def _show_parts() -> None:
    width = max(map(len, EXPERIMENTS))
    for number, (title, experiments) in enumerate(parts().items()):
        show(("\n" if number else "") + f"# {title}")
        for experiment in experiments:
            show(f"{experiment.name:{width}}  {experiment.summary}")


def _show_rows() -> None:
    """Row, where it runs and what it is, in columns."""
    shown, texts = rows_shown(), xdl.docs.rows()
    width = max(map(len, shown.values()))
    for row, where in shown.items():
        show(f"{row:4}  {where:{width}}  {texts.get(row, '')}".rstrip())
