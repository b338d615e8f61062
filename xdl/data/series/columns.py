"""A series as a table: its steps are the rows, what was measured at each step are the columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.data.collate import host
from xdl.data.series.windows import check_no_gaps
from xdl.errors import DataError, DtypeError, ShapeError


def as_columns(operation: str, series: Any, features: int | None = None) -> np.ndarray:
    """The series as (T, F) on the host: a lone column (T,) becomes (T, 1); whole numbers become float64.

    features: F, where it is known what there must be

    Raises DtypeError for what is no real number, ShapeError for other dimensions and another F, DataError for no
    steps, and for gaps: nan or infinity.
    """
    values = host(series)
    if values.dtype.kind not in "fiu":
        raise DtypeError(operation, "a series of real numbers", values.dtype)
    columns = values[:, None] if values.ndim == 1 else values
    if columns.ndim != 2 or (features is not None and columns.shape[1] != features) or not columns.shape[1]:
        wanted = "F >= 1" if features is None else f"F = {features}"
        hint = "Rows are steps, columns are what was measured at each of them"
        raise ShapeError(operation, f"a series of shape (T,) or (T, F), {wanted}", values.shape, hint)
    if not len(columns):
        raise DataError(operation, "a series of at least one step", f"shape {values.shape}")
    check_no_gaps(operation, columns)
    return columns if columns.dtype.kind == "f" else columns.astype(np.float64)
