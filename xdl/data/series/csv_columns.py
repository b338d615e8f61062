"""Columns of numbers from a CSV file: a series, one step a line, the oldest first."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from math import isfinite
from pathlib import Path

import numpy as np

from xdl.data.idx import read_bytes
from xdl.errors import DataError

LARGEST = 1 << 26  # bytes
HINT = "A line holds one step, with a number for each feature and commas between; the first line may name them"


def read_columns(path: str | os.PathLike[str], features: Sequence[str]) -> np.ndarray:
    """The values (T, F) of a CSV file, float64.

    features: the F names of the columns. Where the first line names columns, these are looked up in it, whatever
              their order, and others (a date) are left alone. Without such a line the file has exactly F columns

    Raises DataError, naming the line and the column, for a file that cannot be read or is no text in UTF-8, for
    columns that are missing, for lines of different lengths (an empty one within the file too), for no lines, and for
    gaps: cells that are empty, no number, nan or infinite.
    """
    path = Path(path)
    try:
        text = read_bytes(path, LARGEST, HINT).decode("utf-8-sig")
        lines = list(enumerate(csv.reader(text.rstrip().splitlines(), strict=True), 1))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(str(path), "lines of comma-separated text in UTF-8", error, HINT) from error
    if not lines:
        raise DataError(str(path), "at least one line", "none", HINT)
    first = [cell.strip() for cell in lines[0][1]]
    has_names = not any(_number(cell) is not None for cell in first) or set(features) <= set(first)
    at = _places(path, first, features, has_names)
    rows = []
    for number, line in lines[has_names:]:
        if len(line) != len(first):
            raise DataError(f"{path}, line {number}", f"{len(first)} cells, as in the first", len(line), HINT)
        rows.append([_value(f"{path}, line {number}", name, line[i]) for name, i in zip(features, at, strict=True)])
    if not rows:
        raise DataError(str(path), "at least one line of numbers", "names alone", HINT)
    return np.array(rows, dtype=np.float64)


def _places(path: Path, first: Sequence[str], features: Sequence[str], has_names: bool) -> list[int]:
    """The number of each feature's column."""
    if has_names and set(features) <= set(first):
        return [first.index(name) for name in features]
    wanted = f"{len(features)} column{'s' * (len(features) > 1)}: {', '.join(features)}"
    if has_names and len(features) == len(first) == 1:
        return [0]  # a lone column under another name
    if has_names or len(first) != len(features):
        found = f"{len(first)}: {', '.join(first)[:200]}"
        raise DataError(str(path), wanted, found, HINT)
    return list(range(len(features)))


def _value(where: str, name: str, cell: str) -> float:
    value = _number(cell)
    if value is None or not isfinite(value):
        found = f"a gap: {cell.strip()[:40]!r}"
        raise DataError(where, f"a finite number for {name}", found, "Fill the gaps, or cut the series after them")
    return value


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
