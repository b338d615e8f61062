"""What a reader of series returns: a column a quantity, a row a step in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from xdl.errors import DataError, expect, nearest


@dataclass(frozen=True, eq=False)
class SeriesTable:
    """N steps of D quantities.

    names:  of the D columns
    values: (N, D) float64, all of them finite
    dates:  of the N rows, each later than the one before; None where the series has none
    """

    names: tuple[str, ...]
    values: Any
    dates: tuple[date, ...] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def column(self, name: str) -> Any:
        """The values (N,) of a column. Raises DataError, with the nearest name, unless one column has that name."""
        if name not in self.names:
            raise DataError("SeriesTable.column", "the name of a column", repr(name), nearest(name, self.names))
        several = self.names.count(name)
        expect(several == 1, DataError, "SeriesTable.column", "a name that one column has", f"{name!r} of {several}")
        return self.values[:, self.names.index(name)]

    def rows(self, start: int, stop: int | None = None) -> SeriesTable:
        """The rows from start up to stop, which is not among them, as in a slice."""
        dates = None if self.dates is None else self.dates[start:stop]
        return SeriesTable(self.names, self.values[start:stop], dates)


def of_columns(columns: Mapping[str, Any], dates: Sequence[date] | None = None) -> SeriesTable:
    """A table of columns (N,) by name."""
    values = np.stack([np.asarray(column, dtype=np.float64) for column in columns.values()], axis=1)
    return SeriesTable(tuple(columns), values, None if dates is None else tuple(dates))
