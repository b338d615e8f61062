"""What commands have in common: arguments, and what they print: JSON for programs, names and values for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and all else on stderr.")]

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
DataDir = Annotated[Path | None, typer.Option(help="A folder with data sets, looked at before XDL_DATA_DIR.")]


def print_tree(content: Mapping[str, Any], indent: str = "") -> None:
    """Names and values, one a line; lists in one line, dicts below their name."""
    for name, value in content.items():
        if isinstance(value, Mapping):
            print(f"{indent}{name}")
            print_tree(value, indent + "    ")
        else:
            print(f"{indent}{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def print_json(content: Mapping[str, Any]) -> None:
    """The content as JSON, indented."""
    print(json.dumps(content, indent=2, ensure_ascii=False))
