"""Which data sets there are, and which of them this machine has. `xdl data` and `xdl info` show it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xdl.data.digits import read_digits
from xdl.data.fetching.places import datasets_folder, locate
from xdl.data.fetching.sources import SOURCES, Source
from xdl.data.food_truck import FILE as FOOD_TRUCK_FILE
from xdl.data.food_truck import NAME as FOOD_TRUCK
from xdl.data.food_truck import find_food_truck
from xdl.data.iris import read_iris
from xdl.data.mnist import find_fashion_900
from xdl.data.numbers.real_values import FILE as REAL_VALUES_FILE
from xdl.data.numbers.real_values import NAME as REAL_VALUES
from xdl.data.numbers.real_values import find_real_values
from xdl.data.series.csi300 import FILES as CSI300_FILES
from xdl.data.series.csi300 import find_csi300
from xdl.data.series.sp500 import find_sp500
from xdl.data.text.imdb import ARCHIVES, find_imdb
from xdl.data.text.imdb import NAME as IMDB
from xdl.data.text.polarity import FILES as POLARITY_FILES
from xdl.data.text.polarity import NAME as POLARITY
from xdl.data.text.polarity import find_polarity
from xdl.data.text.shakespeare import PART, WHOLE, find_tinyshakespeare, read_part
from xdl.data.text.tatoeba import FILE as TATOEBA_FILE
from xdl.data.text.tatoeba import NAME as TATOEBA
from xdl.data.text.tatoeba import SHIPPED as PAIRS
from xdl.data.text.tatoeba import SHIPPED_FILE, find_tatoeba, read_tatoeba
from xdl.errors import DataError, SettingError, nearest

SHIPPED: dict[str, tuple[str, Callable[[], object]]] = {  # licence, and what reads and checks the file
    "digits": ("CC BY 4.0", read_digits),
    "iris": ("CC BY 4.0", read_iris),
    PART: ("public domain", read_part),
    PAIRS: ("CC BY 2.0 FR", read_tatoeba),
}


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
        _shipped(PART, "the first 300 kB of Shakespeare's plays, as one text (Karpathy)", "shakespeare.txt.gz"),
        _shipped(PAIRS, "2,000 short English sentences with Chinese translations (Tatoeba)", SHIPPED_FILE),
        *(_published(source, data_dir) for source in SOURCES.values()),
        *(_placed(*own) for own in _own(data_dir)),
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
    licence, read = SHIPPED[name]
    try:
        read()
    except DataError as error:
        return Entry(name, title, licence, 0, "damaged", folder, str(error))
    return Entry(name, title, licence, (folder / file).stat().st_size, "ships with xdl", folder, "")


def _own(data_dir: str | os.PathLike[str] | None) -> list[tuple[str, str, str, Mapping[str, Path | None]]]:
    """The sets that nothing downloads: name, title, licence, and the files of `_placed`."""
    prices = {f"hs300/{file}": find_csi300(data_dir, form) for form, file in CSI300_FILES.items()}
    return [
        (
            FOOD_TRUCK,
            "97 cities: population and a food truck's profit (Ng)",
            "none stated",
            {f"{FOOD_TRUCK}/{FOOD_TRUCK_FILE}": find_food_truck(data_dir)},
        ),
        (
            REAL_VALUES,
            "numbers about 4 that a book's GAN learns to make",
            "none stated",
            {f"{REAL_VALUES}/{REAL_VALUES_FILE}": find_real_values(data_dir)},
        ),
        (
            "sp500",
            "S&P 500, daily: open, high, low, close, volume",
            "none stated",
            {"sp500/sp500.csv": find_sp500(data_dir)},
        ),
        ("csi300", "CSI 300, daily: close, volume, turnover", "MIT", prices),
        (
            IMDB,
            "50,000 film reviews, half of them positive (Maas et al.)",
            "research use",
            {f"{IMDB}/{ARCHIVES[0]}": find_imdb(data_dir)},
        ),
        (
            POLARITY,
            "10,662 sentences of reviews (Pang, Lee)",
            "research use",
            {f"{POLARITY}/{' and '.join(POLARITY_FILES)}": find_polarity(data_dir)},
        ),
        (
            WHOLE,
            "1,115,394 characters of Shakespeare's plays, as one text (Karpathy)",
            "public domain",
            {f"{WHOLE}/input.txt": find_tinyshakespeare(data_dir)},
        ),
        (
            TATOEBA,
            "19,577 English-Chinese pairs of sentences (Tatoeba)",
            "CC BY 2.0 FR",
            {f"{TATOEBA}/{TATOEBA_FILE}": find_tatoeba(data_dir)},
        ),
    ]


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


def _placed(name: str, title: str, licence: str, files: Mapping[str, Path | None]) -> Entry:
    """A set that users put into the data folder themselves. files: {where it belongs there: where it is, or None}"""
    there = [path for path in files.values() if path is not None]
    missing = " and ".join(file for file, path in files.items() if path is None)
    note = f"no download: put {missing} into the folder of XDL_DATA_DIR" if missing else ""
    if not there:
        return Entry(name, title, licence, 0, "missing", None, note)
    parts = [part for path in there for part in (path.iterdir() if path.is_dir() else [path]) if part.is_file()]
    folder = there[0] if there[0].is_dir() else there[0].parent
    return Entry(name, title, licence, sum(part.stat().st_size for part in parts), "in the data folder", folder, note)
