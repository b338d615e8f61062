"""`xdl list`: the experiments, or which row of the checklist runs where."""

from __future__ import annotations

from typing import Annotated

import typer

from xdl.cli.output import AsJson, print_json, show
from xdl.experiments import EXPERIMENTS, rows_shown


def list_experiments(
    rows: Annotated[bool, typer.Option("--rows", help="Show which checklist row runs where.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the experiments, one line each."""
    content = rows_shown() if rows else {experiment.name: experiment.summary for experiment in EXPERIMENTS.values()}
    if as_json:
        print_json(content)
    else:
        width = max(map(len, content))
        for name, text in content.items():
            show(f"{name:{width}}  {text}")
