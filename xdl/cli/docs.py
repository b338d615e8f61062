"""`xdl docs`: the pages of the documentation, in the terminal."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from xdl.cli.output import AsJson, print_json, show


def docs(
    page: Annotated[str | None, typer.Argument(help="A page; without one, all are listed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the pages of the documentation, or print one of them."""
    import xdl.docs

    if page is not None:
        found = xdl.docs.page(page)
        if as_json:
            print_json(asdict(found))
        else:
            _print(found.text)
        return
    listed = {each.name: each.summary for each in xdl.docs.pages()}
    if as_json:
        print_json(listed)
        return
    width = max(map(len, listed))
    for name, summary in listed.items():
        show(f"{name:{width}}  {summary}")
    show("\nPrint one with: xdl docs PAGE")


def _print(text: str) -> None:
    """Rendered in a terminal; as it stands in a pipe or a file."""
    if not sys.stdout.isatty():
        print(text, end="")
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text, hyperlinks=False))  # links between pages lead nowhere in a terminal
