"""The CSI 300 (沪深300), an index of shares in Shanghai and Shenzhen, day by day from 2005 (徐彬 8.1), MIT licence.

xdl does not carry it. The data folder may hold two files of it: the raw one as a data service gives it, and the one
that 徐彬 prepared from it, which is what his network reads. Preparing is dividing: volume by 1e7, turnover by 1e8.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from xdl.data.fetching.places import data_folder
from xdl.data.series.csv_table import names_in, read_csv
from xdl.data.series.sp500 import check_positive
from xdl.data.series.table import SeriesTable
from xdl.errors import DataError, SettingError

NAME = "hs300"
FILES = {"raw": "沪深300历史数据.csv", "prepared": "hs300_data_seq_nodate.csv"}
UNITS = np.array([1.0, 1e7, 1e8])  # of close, volume and turnover in the prepared form
NUMBER, COLUMNS = "number", ("close", "volume", "turnover")


def find_csi300(data_dir: str | os.PathLike[str] | None = None, form: str = "prepared") -> Path | None:
    """Where the file of a form is, "raw" or "prepared", in hs300/ of the data folder; None if it is not there."""
    if form not in FILES:
        raise SettingError("load_csi300", "the form raw or prepared", repr(form))
    base = data_folder(data_dir)
    return base / NAME / FILES[form] if base is not None and (base / NAME / FILES[form]).exists() else None


def load_csi300(data_dir: str | os.PathLike[str] | None = None, form: str = "prepared") -> SeriesTable:
    """Columns "close" in points, "volume" in 1e7 shares and "turnover" in 1e8 yuan, one row a trading day.

    data_dir: a folder that holds hs300/; without it XDL_DATA_DIR
    form:     "raw": converted by `prepare`, with dates, 3442 days to 2019-03-05;
              "prepared": 3457 days without dates, of which the last 15 are later ones

    Both files number their days, and a number that is left out is a gap. Raises DataError where the file is missing,
    damaged or has gaps, SettingError for another form.
    """
    path = find_csi300(data_dir, form)
    if path is None:
        hint = f"Set XDL_DATA_DIR to a folder with {NAME}/{FILES[form]}"
        raise DataError("csi300", f"{NAME}/{FILES[form]} in the data folder", "no such file", hint)
    return _read(path, form, first=1)


def read_csi300(path: str | os.PathLike[str]) -> SeriesTable | None:
    """A file of either form, wherever it lies, as `load_csi300` gives it; None for a CSV file of another form.

    The forms have no names in the first line: the raw one has six cells a line, the last one empty, the prepared one
    four. It may begin with any day. Raises DataError as `load_csi300`.
    """
    names, cells = names_in(path)
    form = None if names else {6: "raw", 4: "prepared"}.get(cells)
    return None if form is None else _read(path, form)


def _read(path: str | os.PathLike[str], form: str, first: int | None = None) -> SeriesTable:
    """The file, whose first day has this number; None: any."""
    if form == "raw":
        names = ("date", NUMBER, *COLUMNS)
        found = read_csv(path, (NUMBER, *COLUMNS), dates="date", header=False, delimiter=",", names=names)
    else:
        found = read_csv(path, header=False, delimiter=",", names=(NUMBER, *COLUMNS))
    _check_numbers(str(path), found.column(NUMBER), first)
    table = SeriesTable(COLUMNS, found.values[:, 1:], found.dates)
    check_positive(str(path), table)
    return prepare(table) if form == "raw" else table


def prepare(raw: SeriesTable) -> SeriesTable:
    """The raw file in the form that 徐彬's network reads: close, volume / 1e7, turnover / 1e8 (row 7.31)."""
    return SeriesTable(raw.names, raw.values / UNITS, raw.dates)


def _check_numbers(where: str, numbers: Any, first: int | None) -> None:
    expected = np.arange(len(numbers)) + (numbers[0] if first is None else first)
    wrong = np.flatnonzero(numbers != expected)
    if len(wrong):
        line = int(wrong[0])
        day = f"day number {expected[line]:g} in line {line + 1}"
        raise DataError(where, day, f"{numbers[line]:g}", "Days are missing")
