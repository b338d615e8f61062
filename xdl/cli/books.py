"""`xdl books`: what the books report, and what xdl gets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xdl.cli.output import AsJson, DataDir, print_json, show
from xdl.errors import SettingError, expect


def books(
    out: Annotated[Path, typer.Option(help="The folder of the runs.")] = Path("runs"),
    data_dir: DataDir = None,
    only: Annotated[str, typer.Option(metavar="WORD", help="Only rows with this word: beale, mnist, lstm.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the rows that take minutes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure again what the books report: their figures and xdl's side by side. Times are of one thread."""
    from xdl.experiments.reported.rows import ROWS, Place, measured
    from xdl.runs.text_table import aligned

    named = any(only.lower() in row.what.lower() for row in ROWS)
    expect(named, SettingError, "books", "--only with a word of a row", repr(only))
    rows = []
    for row, found in measured(Place(out, data_dir), quick, only):
        rows.append((row.what, row.reported, found))
        if not as_json:
            show(f"{row.what}: {found}")
    if as_json:
        print_json({"rows": [dict(zip(("what", "reported", "measured"), row, strict=True)) for row in rows]})
        return
    show("\n" + aligned(("what the books report", "the book", "xdl"), rows))
