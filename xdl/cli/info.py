"""`xdl info`: what is installed and usable here."""

from __future__ import annotations

from typing import Annotated

import typer

from xdl.cli.output import AsJson, print_json, print_tree


def info(
    kernels: Annotated[bool, typer.Option("--kernels", help="Show what runs each operation, by backend.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show versions, BLAS and threads, backends, data, and kernels."""
    from xdl.report import info

    report = info.report()
    if kernels:
        report["kernels"] = info.kernels()
    if as_json:
        print_json(report)
    else:
        print_tree(report)
