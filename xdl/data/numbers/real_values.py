"""The real numbers that a book's GAN learns to make (hwdong 8.5.1). No licence is stated, so xdl does not carry them:
they are read from the data folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from xdl.data.fetching.places import data_folder
from xdl.errors import DataError

NAME, FILE, BYTES = "real-values", "real_values.npy", 1 << 26


def find_real_values(data_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Where the file is: real-values/real_values.npy, or real_values.npy, in the data folder; None if it is neither."""
    base = data_folder(data_dir)
    places = [] if base is None else [base / NAME / FILE, base / FILE]
    return next((place for place in places if place.exists()), None)


def load_real_values(data_dir: str | os.PathLike[str] | None = None) -> Any:
    """The numbers (N,) float32 of the file, which may have any shape.

    data_dir: a folder that holds real-values/; without it XDL_DATA_DIR

    Raises DataError where the file is missing, or holds anything but at least two finite numbers.
    """
    path, hint = find_real_values(data_dir), f"Set XDL_DATA_DIR to a folder with {NAME}/{FILE}, numbers of numpy.save"
    if path is None:
        raise DataError(NAME, f"{NAME}/{FILE} in the data folder", "no such file", hint)
    if not path.is_file() or path.stat().st_size > BYTES:
        raise DataError(str(path), f"a plain file of at most {BYTES} bytes", "another", hint)
    try:
        found: Any = np.lib.format.open_memmap(path, mode="r")  # which refuses pickles
    except Exception as error:  # NumPy evaluates the header, and raises anything for one that is none
        raise DataError(
            str(path), "an array of numbers that numpy.save has written", f"{error!s:.300}", hint
        ) from error
    if found.dtype.kind not in "iuf" or found.size < 2:
        raise DataError(str(path), "at least two numbers", f"{found.dtype} of shape {found.shape}", hint)
    with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
        values = found.reshape(-1).astype(np.float32)
    if not np.isfinite(values).all():
        raise DataError(str(path), "finite numbers in the range of float32", "nan, infinity or larger ones", hint)
    return values
