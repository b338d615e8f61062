"""`xdl plot`: figures drawn again from the data that runs leave of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from xdl.cli.output import AsJson, print_json, show
from xdl.errors import DataError, SettingError


def plot(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The data of figures: figures/*.safetensors.")],
    out: Annotated[
        Path | None, typer.Option(help="A folder for the PNGs; otherwise each goes beside its data.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw figures again from their data, each as a PNG of the same name."""
    from xdl.plot import draw, load_data

    loaded = [load_data(file) for file in files]
    targets = _targets(files, out)
    for file, data, target in zip(files, loaded, targets, strict=True):
        try:
            draw(data, target)
        except DataError as error:
            raise DataError(f"xdl plot {file}", error.expected, error.found, error.hint) from error
    if as_json:
        figures = [
            {"data": str(file), "kind": data.kind, "title": data.title, "figure": str(target)}
            for file, data, target in zip(files, loaded, targets, strict=True)
        ]
        print_json({"figures": figures})
    else:
        for target in targets:
            show(f"figure: {target}")


def _targets(files: Sequence[Path], out: Path | None) -> list[Path]:
    """Where the PNGs go. Raises SettingError for two in one place, and for one in the place of its data."""
    targets = [(file if out is None else out / file.name).with_suffix(".png") for file in files]
    twice = next((target for i, target in enumerate(targets) if target in targets[:i] or target in files), None)
    if twice is not None:
        hint = "Draw files of equal names one by one, each with another --out"
        raise SettingError("xdl plot", "another place for each figure", f"{twice} twice", hint)
    return targets
