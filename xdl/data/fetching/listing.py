"""Which data sets there are, and which of them this machine has. `xdl data` and `xdl info` show it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from xdl.data.digits import read_digits
from xdl.data.fetching.places import datasets_folder, locate
from xdl.data.fetching.sources import SOURCES, Source
from xdl.data.food_truck import FILE, NAME, find_food_truck
from xdl.data.iris import read_iris
from xdl.data.mnist import find_fashion_900
from xdl.data.series.csi300 import FILES, find_csi300
from xdl.data.series.sp500 import find_sp500
from xdl.errors import DataError, SettingError, nearest


@dataclass(frozen=True)
class Entry:
    """A data set on this machine.

    state:  "ships with xdl", "in the data folder", "in the cache", "missing" or "damaged"
    folder: where its files are, None if nowhere
    note:   what is wrong, what is there of it, or how to get it; may be empty
    """

    name: str
    title: str
    licence: str
    size: int
    state: str
    folder: Path | None
    note: str


def data_sets(data_dir: str | os.PathLike[str] | None = None) -> dict[str, Entry]:
    """Every data set by name. Those that ship are read and checked, the others are looked for.

    Raises DataError where the data folder that is named does not exist.
    """
    entries = [
        _shipped("digits", "1797 images of handwritten digits, 8x8 grey (Alpaydin, Kaynak)", "digits.csv.gz"),
        _shipped("iris", "150 flowers of three species, four lengths each (Anderson, Fisher)", "iris.csv"),
        *(_published(source, data_dir) for source in SOURCES.values()),
        _food_truck(data_dir),
        _sp500(data_dir),
        _csi300(data_dir),
    ]
    return {entry.name: entry for entry in entries}


def data_set(name: str, data_dir: str | os.PathLike[str] | None = None) -> Entry:
    """The data set of that name. Raises SettingError, with the nearest name, if there is none."""
    entries = data_sets(data_dir)
    if name not in entries:
        raise SettingError("xdl data", "a known data set", repr(name), nearest(name, entries))
    return entries[name]


def _shipped(name: str, title: str, file: str) -> Entry:
    folder = Path(__file__).parents[1] / "files"
    try:
        read_digits() if name == "digits" else read_iris()
    except DataError as error:
        return Entry(name, title, "CC BY 4.0", 0, "damaged", folder, str(error))
    return Entry(name, title, "CC BY 4.0", (folder / file).stat().st_size, "ships with xdl", folder, "")


def _published(source: Source, data_dir: str | os.PathLike[str] | None) -> Entry:
    about = (source.name, source.title, source.licence, source.size)
    try:
        place = locate(source, data_dir)
    except DataError as error:
        if error.operation != source.name:  # the data folder itself
            raise
        return Entry(*about, "damaged", None, str(error))
    if place is not None:
        return Entry(*about, "in the cache" if place.ours else "in the data folder", place.folder, "")
    few = find_fashion_900(source, data_dir)
    if few is not None:
        return Entry(*about, "in the data folder", few.parent, f"only 900 images; for all: {_get(source)}")
    return Entry(*about, "missing", None, _get(source))


def _get(source: Source) -> str:
    return f"xdl data fetch {source.name} ({source.size / 1e6:.0f} MB, kept in {datasets_folder() / source.name})"


def _food_truck(data_dir: str | os.PathLike[str] | None) -> Entry:
    path = find_food_truck(data_dir)
    about = (NAME, "97 cities: population and a food truck's profit (Ng)", "none stated")
    if path is None:
        return Entry(*about, 0, "missing", None, f"no download: put {NAME}/{FILE} into the folder of XDL_DATA_DIR")
    return Entry(*about, path.stat().st_size, "in the data folder", path.parent, "")


def _sp500(data_dir: str | os.PathLike[str] | None) -> Entry:
    path = find_sp500(data_dir)
    about = ("sp500", "S&P 500, daily: open, high, low, close, volume", "none stated")
    if path is None:
        hint = "no download: put sp500/sp500.csv into the folder of XDL_DATA_DIR"
        return Entry(*about, 0, "missing", None, hint)
    return Entry(*about, path.stat().st_size, "in the data folder", path.parent, "")


def _csi300(data_dir: str | os.PathLike[str] | None) -> Entry:
    paths = {form: find_csi300(data_dir, form) for form in FILES}
    about = ("csi300", "CSI 300, daily: close, volume, turnover", "MIT")
    missing = " and ".join(f"hs300/{FILES[form]}" for form, path in paths.items() if path is None)
    hint = f"no download: put {missing} into the folder of XDL_DATA_DIR" if missing else ""
    there = [path for path in paths.values() if path is not None]
    if not there:
        return Entry(*about, 0, "missing", None, hint)
    return Entry(*about, sum(path.stat().st_size for path in there), "in the data folder", there[0].parent, hint)
