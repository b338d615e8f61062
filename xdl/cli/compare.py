"""`xdl compare`: runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xdl.cli.output import AsJson, print_json, show


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="The folders of two or more runs.")],
    out: Annotated[Path, typer.Option(help="Where the figure with the curves goes.")] = Path("comparison.png"),
    as_json: AsJson = False,
) -> None:
    """Draw the curves of several runs in one figure, and show what differs in their settings and results."""
    from xdl.runs.compare import compare
    from xdl.runs.text_table import aligned

    result = compare(runs, out)
    if as_json:
        print_json(result)
        return
    headings = ["", *(run["run"] for run in result["runs"])]
    known = [name for name in result["runs"][0] if any(run[name] is not None for run in result["runs"])]
    names = [name for name in known if name != "run"]
    show(aligned(headings, [[name, *(run[name] for run in result["runs"])] for name in names]))
    show(f"\n{result['differ']}")
    for measure, run in result["best"].items():
        show(f"best {measure}: {run}")
    show(f"figure: {result['figure']}; its data: {result['data']}")
