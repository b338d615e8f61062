"""What a figure shows, before anything is drawn: a kind, a title, named arrays, and JSON beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, expect
from xdl.io.json_text import parse

HALF = re.compile("[\ud800-\udfff]")  # what Python makes of names of files that are no UTF-8, and JSON lacks


@dataclass(frozen=True, eq=False)
class FigureData:
    """A figure as data. The builders of xdl.plot make it, `draw` draws it, `save_data` and `load_data` keep it.

    kind:    which of `xdl.plot.KINDS` draws it
    title:   the text above the figure; may be empty
    arrays:  NumPy arrays by name, kept as read-only copies of bool, integers, float32 or float64; float16 becomes
             float32, and longdouble and None among numbers become float64 (nan for None)
    options: JSON values by name, kept as a file gives them back: tuples become lists. "caption" stands below the
             figure: which experiment, data and training it is from

    Raises DataError for arrays of other dtypes, and for options that are no JSON (which has neither nan nor infinity).
    """

    kind: str
    title: str
    arrays: Mapping[str, Any]
    options: Mapping[str, Any]

    def __post_init__(self) -> None:
        arrays = {name: _kept(name, values) for name, values in self.arrays.items()}
        try:
            text = json.dumps(dict(self.options), allow_nan=False, ensure_ascii=False)
            options = parse(HALF.sub(lambda half: f"\\\\u{ord(half[0]):04x}", text))
        except (TypeError, ValueError, RecursionError) as error:
            raise DataError("FigureData", "options that are JSON values", error) from error
        object.__setattr__(self, "arrays", arrays)
        object.__setattr__(self, "options", options)

    def captioned(self, caption: str) -> FigureData:
        """The same figure with a caption."""
        return replace(self, options={**self.options, "caption": caption})

    def array(self, name: str, dimensions: int) -> Any:
        """An array, to draw it. Raises DataError where it is missing or has another number of dimensions."""
        found = self.arrays.get(name)
        shape = "none" if found is None else found.shape
        fits = found is not None and found.ndim == dimensions
        expect(fits, DataError, f"plot.{self.kind}", f"an array {name!r} of {dimensions} dimensions", shape)
        return found


def entitled(title: str, said: str) -> str:
    """A title, and what a figure says of itself."""
    return f"{title}: {said}" if title else said


def _kept(name: str, values: ArrayLike) -> Any:
    """A read-only copy of the values in a dtype that files of figures hold."""
    array = np.asarray(values)
    dtype = array.dtype
    if dtype.kind in "fO" and dtype.name not in ("float32", "float64"):
        dtype = np.dtype("float32" if dtype.name == "float16" else "float64")
    try:
        kept = np.array(array, dtype, order="C")
    except (TypeError, ValueError) as error:
        raise DataError("FigureData", f"numbers in the array {name!r}", error) from error
    if kept.dtype.kind not in "biuf":
        raise DataError("FigureData", f"numbers in the array {name!r}", kept.dtype)
    kept.setflags(write=False)
    return kept
