"""The S&P 500, an index of shares in the United States, day by day (hwdong 7.1.1). No licence is stated, so xdl does
not carry it: it is read from the data folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from xdl.data.fetching.places import data_folder
from xdl.data.series.csv_table import read_csv
from xdl.data.series.table import SeriesTable
from xdl.errors import DataError

NAME, FILE = "sp500", "sp500.csv"
COLUMNS = ("Open", "High", "Low", "Close", "Volume")


def find_sp500(data_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Where the file is: sp500/sp500.csv in the data folder; None if it is not there."""
    base = data_folder(data_dir)
    return base / NAME / FILE if base is not None and (base / NAME / FILE).exists() else None


def load_sp500(data_dir: str | os.PathLike[str] | None = None) -> SeriesTable:
    """Columns "open", "high", "low", "close" in points and "volume" in shares, one row a trading day, with dates.

    data_dir: a folder that holds sp500/; without it XDL_DATA_DIR

    Raises DataError where the file is missing or damaged, or holds a price or volume that is not above 0.
    """
    path = find_sp500(data_dir)
    if path is None:
        hint = f"Set XDL_DATA_DIR to a folder with {NAME}/{FILE}: Date (dd-mm-yy), {', '.join(COLUMNS)}"
        raise DataError(NAME, f"{NAME}/{FILE} in the data folder", "no such file", hint)
    found = read_csv(path, COLUMNS, dates="Date", date_format="%d-%m-%y", header=True, delimiter=",")
    check_positive(str(path), found)
    return SeriesTable(tuple(name.lower() for name in found.names), found.values, found.dates)


def check_positive(where: str, table: SeriesTable) -> None:
    """Raises DataError for a value that is not above 0: it has no logarithm, and no market made it."""
    lowest = table.values.min(0)
    for name, value in zip(table.names, lowest, strict=True):
        if value <= 0:
            raise DataError(where, f"numbers above 0 in column {name!r}", float(value))
