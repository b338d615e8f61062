"""`xdl data`: which data sets there are, where they lie, and getting them."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xdl.cli.output import AsJson, print_json, print_tree, show
from xdl.errors import DataError, SettingError

if TYPE_CHECKING:
    from xdl.data.fetching.sources import Source

app = typer.Typer(help="Data sets: what there is, where it lies, and getting it.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A name from xdl data list.")]
DataDir = Annotated[Path | None, typer.Option(help="A folder with data sets; otherwise XDL_DATA_DIR.")]


@app.command("list")
def list_sets(
    name: Annotated[str | None, typer.Argument(help="Only this one, with all that is known about it.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the data sets: where each was found, its licence, and how to get what is missing."""
    from xdl.data.fetching.listing import Entry, data_set, data_sets

    entries = data_sets(data_dir) if name is None else {name: data_set(name, data_dir)}

    def full(entry: Entry) -> dict[str, Any]:
        return asdict(entry) | {"folder": None if entry.folder is None else str(entry.folder)}

    if as_json:
        print_json({key: full(entry) for key, entry in entries.items()})
    elif name is not None:
        print_tree({key: "-" if value in (None, "") else value for key, value in full(entries[name]).items()})
    else:
        width = max(map(len, entries))
        for key, entry in entries.items():
            where = "" if entry.folder is None else f": {entry.folder}"
            show(f"{key:{width}}  {entry.title}; licence: {entry.licence}")
            show(f"{'':{width}}  {entry.state}{where}")
            if entry.note:
                show(f"{'':{width}}  {entry.note}")


@app.command()
def path(name: Name, data_dir: DataDir = None) -> None:
    """Print the folder in which a data set lies."""
    from xdl.data.fetching.listing import data_set

    entry = data_set(name, data_dir)
    if entry.folder is None:
        raise DataError(f"xdl data path {name}", "a data set that is here", entry.state, entry.note)
    show(str(entry.folder))


@app.command()
def fetch(
    name: Name,
    data_dir: DataDir = None,
    offline: Annotated[
        bool | None, typer.Option("--offline", help="Download nothing, only check; also XDL_OFFLINE=1.")
    ] = None,
    mirror: Annotated[
        str | None, typer.Option(metavar="URL", help="A folder on the web with the published files, tried first.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Download a data set into the cache unless it is here, and check it."""
    from xdl.data import load_csi300, load_real_values, load_sp500
    from xdl.data.fetching.download import fetch, is_offline
    from xdl.data.fetching.listing import data_set
    from xdl.data.fetching.sources import SOURCES
    from xdl.data.food_truck import load_food_truck
    from xdl.data.image_sets import load_images

    readers = {
        "food-truck": load_food_truck,
        "real-values": load_real_values,
        "sp500": load_sp500,
        "csi300": load_csi300,
    }

    folder = data_set(name, data_dir).folder
    if name in SOURCES:
        place = fetch(_with_mirror(SOURCES[name], mirror), data_dir, is_offline(offline))
        folder = place.folder
        if not place.ours:
            load_images(name, data_dir=data_dir)  # the user's own files are checked by their reader
    elif name in readers:
        readers[name](data_dir)
    if as_json:
        print_json({"name": name, "folder": str(folder)})
    else:
        show(f"{name} is here: {folder}")


def _with_mirror(source: Source, mirror: str | None) -> Source:
    if mirror is None:
        return source
    if not mirror.startswith(("http://", "https://")):
        raise SettingError("--mirror", "an address that begins with http:// or https://", repr(mirror))
    return replace(source, mirrors=(mirror.rstrip("/") + "/", *source.mirrors))
