"""`xdl parity`: the errors and times of every kernel slot on this machine, as a table, JSON and Markdown."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xdl import kernel
from xdl.io.files import storing, write_atomic
from xdl.report import info
from xdl.report.parity import Row, measure, usable_backends

HEADINGS = ("slot", "backend", "dtype", "version", "forward", "backward", "time")
TABLE_WIDTH = 120  # columns where the output is not a terminal


def parity(
    backends: Annotated[
        list[str] | None, typer.Option("--backend", help="May be given several times; otherwise all that work here.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Measurements of each time; the median is shown.")] = 5,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write JSON.")] = None,
    markdown_file: Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="And Markdown.")] = None,
) -> None:
    """Compare every kernel with its float64 reference, forward and backward, by backend and dtype.

    An error is the largest deviation over the largest reference value.
    """
    rows = list(measure(backends or usable_backends(), repeats))
    _print_table(rows)
    if json_file:
        _write(json_file, as_json(rows))
    if markdown_file:
        _write(markdown_file, as_markdown(rows))


def as_json(rows: Sequence[Row]) -> str:
    """The rows with the versions and settings that they were measured with. Errors and seconds are plain numbers."""
    content = {
        "versions": info.versions(),
        **kernel.options(),
        "rows": [asdict(row) for row in rows],
    }
    return json.dumps(content, indent=1) + "\n"


def as_markdown(rows: Sequence[Row]) -> str:
    """A table in Markdown."""
    lines = [HEADINGS, ("---",) * 4 + ("---:",) * 3, *map(_words, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _write(path: Path, text: str) -> None:
    """Writes a file; its folder is made if needed, as that of figures is."""
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, text.encode())


def _words(row: Row) -> tuple[str, ...]:
    backward = "" if row.backward is None else f"{row.backward:.1e}"
    return row.slot, row.backend, row.dtype, row.version, f"{row.forward:.1e}", backward, f"{row.seconds * 1e3:.3f} ms"


def _print_table(rows: Sequence[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Errors against float64 references, precision {kernel.get_precision()}")
    for i, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if i < 4 else "right", overflow="fold")
    for row in rows:
        table.add_row(*_words(row))
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(table)
