"""The memory of a CUDA device: limits in words, and what to say when it is full. Needs no CuPy."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable
from typing import Any

from xdl.backend import Array
from xdl.errors import SettingError

VARIABLE = "XDL_GPU_MEMORY_LIMIT"
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_LIMIT = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>%|[KMG]iB|)")


def read_limit(text: str, total: int) -> int:
    """The bytes that "8GiB", "512MiB", "4096" or "80%" (of `total`) mean; "0": no limit. Raises SettingError."""
    match = _LIMIT.fullmatch(text.strip())
    number = float(match["number"]) if match else -1.0
    if match is None or (match["unit"] == "%" and number > 100):
        raise SettingError(VARIABLE, "bytes, KiB, MiB, GiB or a percentage, as in 8GiB or 80%", repr(text))
    return int(number * (total / 100 if match["unit"] == "%" else UNITS[match["unit"]]))


def size_in_words(size: int) -> str:
    """1610612736 -> "1.50 GiB"."""
    unit = next((unit for unit in ("GiB", "MiB", "KiB") if size >= UNITS[unit]), "")
    return f"{size / UNITS[unit]:.2f} {unit}" if unit else f"{size} bytes"


def largest_arrays(array_type: type, count: int) -> list[Array]:
    """The largest arrays of a type that are alive anywhere; neither views nor arrays that have no memory yet."""
    alive = [x for x in gc.get_objects() if issubclass(type(x), array_type) and x.base is None and x.data is not None]
    return sorted(alive, key=_size, reverse=True)[:count]


def arrays_in_words(arrays: Iterable[Array]) -> str:
    """Shape, dtype and size of each."""
    return ", ".join(f"{tuple(x.shape)} {x.dtype} {size_in_words(x.nbytes)}" for x in arrays) or "none"


def _size(x: Any) -> int:
    return int(x.nbytes)
