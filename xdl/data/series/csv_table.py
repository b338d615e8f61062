"""CSV files of numbers over time, whoever wrote them: with a header or without, commas or semicolons, dates or none."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import StringIO
from itertools import pairwise
from math import isfinite
from pathlib import Path

import numpy as np

from xdl.data.idx import read_bytes
from xdl.data.series.table import SeriesTable
from xdl.errors import DataError, SettingError, expect, nearest

LIMIT = 1 << 28  # bytes of a file
NAMED = 5  # lines that a message names
SOME_DAY = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
Column = str | int
Row = tuple[int, list[str]]  # the number of its line, its cells
HINT = "A series has a number in every cell: fill gaps or leave these lines out, and say how in your report"


def read_csv(
    path: str | os.PathLike[str],
    columns: Sequence[Column] | None = None,
    *,
    dates: Column | None = None,
    date_format: str = "%Y-%m-%d",
    header: bool | None = None,
    delimiter: str | None = None,
    decimal: str = ".",
    names: Sequence[str] | None = None,
) -> SeriesTable:
    """The numbers of a CSV file in UTF-8, with or without a byte order mark.

    columns:     which columns, by name or by number from 0; None: all but that of the dates
    dates:       the column of the dates, which must rise from line to line; date_format as in `datetime.strptime`
    header:      whether the first line has names; None: it has them if none of its cells is a number or a date
    delimiter:   what stands between cells; None: of semicolon, tab and comma the first that is in the first line
    decimal:     what stands before the fraction: "." or ","
    names:       of the columns of a file without a header; None: "0", "1", ... by their places

    A last column that is empty in every line, as a delimiter at the end of lines makes it, is none. Raises DataError
    with the numbers of the lines for gaps (empty lines and cells, nan), text among numbers, lines of other lengths, and
    dates that are none or do not rise; SettingError for columns that the file does not have, a name that several have,
    and for a delimiter, decimal or date_format that is none.
    """
    where = str(path)
    _check_settings(where, delimiter, decimal, date_format)
    rows = rows_of(Path(path), delimiter)
    width = len(rows[0][1])
    _complain(where, f"{width} cells in every line, as in the first", [n for n, cells in rows if len(cells) != width])
    if all(not cells[-1] for _, cells in rows) and width > 1:
        rows, width = [(n, cells[:-1]) for n, cells in rows], width - 1
    if header if header is not None else _is_header(rows[0][1], decimal, date_format):
        found, rows = rows[0][1], rows[1:]
    else:
        found = list(names or map(str, range(width)))
    if not rows or len(found) != width:
        raise DataError(where, f"lines of numbers below {width} names", f"{len(rows)} lines, {len(found)} names")
    day = None if dates is None else _place(where, dates, found)
    chosen = [i for i in range(width) if i != day] if columns is None else [_place(where, c, found) for c in columns]
    if not chosen:
        raise SettingError(where, "at least one column of numbers", "none")
    values = _numbers(where, rows, chosen, found, decimal)
    times = None if day is None else _dates(where, [(n, cells[day]) for n, cells in rows], date_format)
    return SeriesTable(tuple(found[i] for i in chosen), values, times)


def names_in(path: str | os.PathLike[str]) -> tuple[tuple[str, ...], int]:
    """The names in the first line of a CSV file, none where it holds numbers or dates; and how many columns there are.

    Raises DataError as `read_csv` does for a file without lines, or that is no text.
    """
    first = rows_of(Path(path))[0][1]
    return tuple(first) if _is_header(first, ".", "%Y-%m-%d") else (), len(first)


def rows_of(path: Path, delimiter: str | None = None) -> list[Row]:
    """The lines of a CSV file with their numbers, without empty ones at both ends.

    delimiter: None: as in `read_csv`. Raises DataError for an empty file, and for one that is no text.
    """
    content = read_bytes(path, LIMIT, "Name a CSV file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(str(path), "text in UTF-8", error, "Save it as UTF-8") from error
    lines = StringIO(text, newline="").readlines()
    filled = [i for i, line in enumerate(lines) if line.strip()]
    begin, end = (filled[0], filled[-1] + 1) if filled else (0, 0)
    mark = delimiter or _delimiter(lines[begin] if filled else "")
    reader = csv.reader(lines[begin:end], delimiter=mark, strict=True)
    try:
        rows = [(begin + reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise DataError(str(path), f"a CSV file at line {begin + reader.line_num}", error) from error
    if not rows:
        raise DataError(str(path), "at least one line of numbers", "an empty file")
    return rows


def _check_settings(where: str, delimiter: str | None, decimal: str, date_format: str) -> None:
    """Raises SettingError for settings that cannot be."""
    sign = delimiter is None or (isinstance(delimiter, str) and len(delimiter) == 1 and delimiter not in '"\r\n')
    expect(sign, SettingError, where, "delimiter: one sign, or None to find it", repr(delimiter))
    expect(decimal in (".", ","), SettingError, where, 'decimal: "." or ","', repr(decimal))
    try:
        datetime.strptime(SOME_DAY.strftime(date_format), date_format)
    except (TypeError, ValueError, re.error) as error:
        raise SettingError(where, "date_format as of datetime.strptime", repr(date_format)) from error


def _delimiter(line: str) -> str:
    return next((mark for mark in ";\t," if mark in line), ",")


def _is_header(cells: Sequence[str], decimal: str, date_format: str) -> bool:
    return all(_number(cell, decimal) is None and _date(cell, date_format) is None for cell in cells)


def _place(where: str, column: Column, names: Sequence[str]) -> int:
    if isinstance(column, int) and 0 <= column < len(names):
        return column
    if isinstance(column, str) and column in names:
        several = f"a name that one column has, or a number from 0 to {len(names) - 1}"
        expect(names.count(column) == 1, SettingError, where, several, f"{column!r}, which {names.count(column)} have")
        return names.index(column)
    hint = nearest(column, names) if isinstance(column, str) else ""
    raise SettingError(where, f"a column's name, or its number from 0 to {len(names) - 1}", repr(column), hint)


def _numbers(where: str, rows: Sequence[Row], chosen: Sequence[int], names: Sequence[str], decimal: str) -> np.ndarray:
    values = np.empty((len(rows), len(chosen)))
    gaps: dict[str, list[int]] = {}
    for i, (line, cells) in enumerate(rows):
        for j, place in enumerate(chosen):
            number = _number(cells[place], decimal)
            if number is None or not isfinite(number):
                gaps.setdefault(names[place], []).append(line)
            else:
                values[i, j] = number
    for name, lines in gaps.items():
        _complain(where, f"a finite number in every cell of column {name[:60]!r}", lines, HINT)
    return values


def _number(cell: str, decimal: str) -> float | None:
    if decimal != ".":
        cell = cell.replace(decimal, ".") if "." not in cell else ""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def _dates(where: str, cells: Sequence[tuple[int, str]], date_format: str) -> tuple[date, ...]:
    read = [(line, _date(cell, date_format)) for line, cell in cells]
    _complain(where, f"dates of the form {date_format}", [line for line, day in read if day is None])
    days = [day for _, day in read if day is not None]
    falling = [read[i + 1][0] for i, (day, following) in enumerate(pairwise(days)) if following <= day]
    _complain(where, "dates that rise from line to line", falling, "Sort the lines, and leave out what is there twice")
    return tuple(days)


def _date(cell: str, date_format: str) -> date | None:
    try:
        return datetime.strptime(cell, date_format).date()
    except ValueError:
        return None


def _complain(where: str, expected: str, lines: Sequence[int], hint: str = "") -> None:
    """Raises DataError that names the first of these lines, if there are any."""
    if lines:
        more = f" and {len(lines) - NAMED} more" if len(lines) > NAMED else ""
        listed = ", ".join(map(str, lines[:NAMED]))
        raise DataError(where, expected, f"others in line{'s' * (len(lines) > 1)} {listed}{more}", hint)
