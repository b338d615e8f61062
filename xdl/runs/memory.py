"""What to say of a run for which the memory was too small: of what, and which settings ask for so much."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from xdl.errors import DeviceMemoryError
from xdl.runs.settings import written

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def too_little_memory(
    operation: str, error: MemoryError, settings: Mapping[str, Any], defaults: Mapping[str, Any]
) -> DeviceMemoryError:
    """The error that a user reads in place of `error`.

    settings, defaults: those of the run, and those of its experiment, by name; the larger ones are named
    """
    larger = [
        f"{name}={written(value)} (default {written(defaults[name])})"
        for name, value in settings.items()
        if _total(value) > _total(defaults[name])
    ]
    sizes = [name for name, value in settings.items() if _total(value)]
    named = f"; above the defaults: {', '.join(larger)}" if larger else f" of {', '.join(sizes)}"
    hint = f"Take smaller values{named}"
    if isinstance(error, DeviceMemoryError):
        return DeviceMemoryError(operation, error.expected, error.found, f"{hint}. {error.hint}".rstrip(". "))
    return DeviceMemoryError(operation, f"memory for {_array(error)}", "too little on this machine", hint)


def _array(error: MemoryError) -> str:
    """The array that found no room, in words, where the error tells."""
    shape, dtype = getattr(error, "shape", None), getattr(error, "dtype", None)  # as NumPy's tell
    if not isinstance(shape, tuple) or dtype is None:
        return "all that the run holds"
    return f"an array {shape} of {dtype}, {in_words(prod(shape) * dtype.itemsize)}"


def in_words(size: float) -> str:
    """A number of bytes: "149 PiB"."""
    power = 0
    while size >= 1000 and power < len(UNITS) - 1:
        size, power = size / 1024, power + 1
    return f"{size:.3g} {UNITS[power]}"


def _total(value: Any) -> int:
    """How large a setting is: a whole number, or the sum of several; 0 for others."""
    if isinstance(value, tuple | list):
        return sum(map(_total, value))
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
