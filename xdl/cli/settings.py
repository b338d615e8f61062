"""`xdl settings`: what an experiment is about, and what can be set."""

from __future__ import annotations

from typing import Annotated

import typer

from xdl.cli.output import AsJson, print_json, show
from xdl.experiments import find
from xdl.runs.settings import describe


def settings(
    experiment: Annotated[str, typer.Argument(help="A name from xdl list.")],
    data: Annotated[str | None, typer.Option(help="Show the defaults for this data set.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Show the defaults of xdl run --quick.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what an experiment is about, and its settings with their defaults and ranges."""
    from xdl.runs.start import data_set, presets, quick_settings

    found = find(experiment)
    used = data_set(found, data)
    preset = presets(found, used) | (quick_settings(found) if quick else {})
    described = describe(found.load().Settings, preset)
    if as_json:
        print_json(
            {
                name.partition("=")[0]: {"default": name.partition("=")[2], "allowed": allowed, "help": text}
                for name, allowed, text in described
            }
        )
        return
    on = f" (defaults on {used})" if used else ""
    show(f"{found.summary}{on}\n{found.shows}\n")
    for default, allowed, text in described:
        show(f"{default}\n    {text}: {allowed}")
    if described:
        show(f"\nFor example: xdl run {experiment} --set {described[0][0]}")
