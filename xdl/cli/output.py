"""What commands have in common: arguments, and what they print: JSON for programs, names and values for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from xdl.printable import printable, shortened

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and all else on stderr.")]

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
DataDir = Annotated[
    Path | None, typer.Option(help="A folder with data sets, looked at before XDL_DATA_DIR and the cache.")
]
Backend = Annotated[
    str | None, typer.Option(help="numpy, cupy, cupy:1 (a card) or cuda-on-host; otherwise XDL_BACKEND, or numpy.")
]
Assignments = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting; may be given several times.")
]


def show(text: str = "") -> None:
    """Prints a line or several for people; see `printable`."""
    print(printable(text))


def complain(text: str) -> None:
    """Prints "xdl: text" on stderr; further lines are indented. Where nobody can read it, nothing happens."""
    with suppress(OSError, ValueError):  # a full disk, a pipe without a reader; a stream that is closed
        print(f"xdl: {printable(shortened(text))}".replace("\n", "\n    "), file=sys.stderr, flush=True)


def print_tree(content: Mapping[str, Any], indent: str = "") -> None:
    """Names and values, one a line; lists in one line, dicts below their name."""
    for name, value in content.items():
        if isinstance(value, Mapping):
            show(f"{indent}{name}")
            print_tree(value, indent + "    ")
        else:
            show(f"{indent}{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def print_json(content: Mapping[str, Any], indent: int | None = 2) -> None:
    """The content as JSON. What stdout's encoding lacks, and what would steer a terminal, stands there as \\uXXXX."""
    everything = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    text = json.dumps(content, indent=indent, ensure_ascii=not everything)
    print("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text))
