"""`xdl eval`: the saved model of a run, measured again."""

from __future__ import annotations

from typing import Annotated

import typer

from xdl.cli.output import AsJson, DataDir, RunPath, complain, print_json, print_tree


def evaluate(
    run: RunPath,
    data: Annotated[str | None, typer.Option(help="Another data set of the same form and classes.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Measure the saved model of a run on test data."""
    from xdl.runs.evaluate import evaluate

    result = evaluate(run, data, data_dir)
    if "warning" in result:
        complain(f"warning: {result['warning']}")
    if as_json:
        print_json(result)
    else:
        print_tree({name: value for name, value in result.items() if name != "warning"})
