"""The columns that a model reads, from a CSV file that a user names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xdl.data.series.csv_dates import must_rise
from xdl.data.series.csv_table import names_in, read_csv, rows_of
from xdl.errors import DataError

HINT = "A line holds one step, with a number for each feature and commas between; the first line may name them"


def read_columns(path: str | os.PathLike[str], features: Sequence[str]) -> np.ndarray:
    """The values (T, F) of a CSV file, float64: one step a line, the oldest first.

    features: the F names of the columns. Where the first line names columns, these are looked up in it, whatever
              their order, in capitals or not. Others are left alone, but a date must rise from line to line: many
              services give the newest day first. A lone column may have another name. Without such a line the file has
              exactly F columns

    Raises DataError for columns that are missing, and for dates that do not rise; else as `read_csv`.
    """
    names, width = names_in(path)
    spelled = {name.casefold(): name for name in names} | {name: name for name in names}
    found = tuple(spelled.get(name, spelled.get(name.casefold(), "")) for name in features)
    named = all(found) and len(set(found)) == len(features)
    if not named and (width != len(features) or (names and width > 1)):
        wanted = f"{len(features)} column{'s' * (len(features) > 1)}: {', '.join(features)}"
        raise DataError(str(path), wanted, f"{width}: {', '.join(names)[:200]}" if names else width, HINT)
    values: np.ndarray = read_csv(path, found if named else None, header=named or None).values
    rows = rows_of(Path(path))[1:]
    for i, name in enumerate(names if named else ()):
        if name not in found:
            must_rise(str(path), name, [(line, cells[i]) for line, cells in rows])
    return values
