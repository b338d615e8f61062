"""The profit of food trucks in 97 cities (A. Ng's course on machine learning; hwdong 3.1.1). No licence is stated, so
xdl does not carry it: it is read from the data folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from xdl.data.fetching.places import data_folder
from xdl.data.idx import read_bytes
from xdl.errors import DataError

NAME, FILE, CITIES, BYTES = "food-truck", "food_truck_data.txt", 97, 1 << 16


def find_food_truck(data_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Where the file is: food-truck/food_truck_data.txt in the data folder; None if it is not there."""
    base = data_folder(data_dir)
    return base / NAME / FILE if base is not None and (base / NAME / FILE).exists() else None


def load_food_truck(data_dir: str | os.PathLike[str] | None = None) -> tuple[Any, Any]:
    """Population of the city (97, 1) and profit (97,), both in 10,000s, float32.

    data_dir: a folder that holds food-truck/; without it XDL_DATA_DIR

    Raises DataError where the file is missing, or does not hold 97 pairs of numbers.
    """
    path = find_food_truck(data_dir)
    hint = f"Set XDL_DATA_DIR to a folder with {NAME}/{FILE}: 97 lines, population and profit with a comma between"
    if path is None:
        raise DataError(NAME, f"{NAME}/{FILE} in the data folder", "no such file", hint)
    content = read_bytes(path, BYTES, hint)
    try:
        with np.errstate(over="ignore"):
            rows = np.array([line.split(",") for line in content.decode().split()], dtype=np.float32)
    except ValueError as error:  # no text, no numbers, lines of different lengths
        raise DataError(str(path), "lines of two numbers", f"{error!s:.300}", hint) from error
    if rows.shape != (CITIES, 2) or not np.isfinite(rows).all():
        raise DataError(str(path), f"{CITIES} lines of 2 finite numbers", f"shape {rows.shape}", hint)
    return rows[:, :1], rows[:, 1]
