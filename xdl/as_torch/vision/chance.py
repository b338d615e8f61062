"""Random numbers of the transforms: one stream, "transforms", that `manual_seed` starts again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdl import backend
from xdl.errors import SettingError, expect
from xdl.random import permutation, stream


def uniform(low: float, high: float) -> float:
    """A number in [low, high)."""
    return low + (high - low) * float(stream("transforms").uniform((1,), "float64", _host())[0])


def integer(low: int, high: int) -> int:
    """A whole number in [low, high)."""
    return int(stream("transforms").integers(low, high, (1,), _host())[0])


def coin(p: float) -> bool:
    """True with probability p."""
    return uniform(0, 1) < p


def order(n: int) -> list[int]:
    """The numbers 0 to n - 1 in random order."""
    drawn: list[int] = permutation(n, stream("transforms")).tolist()
    return drawn


def probability(operation: str, p: Any) -> float:
    """p itself. Raises SettingError unless 0 <= p <= 1."""
    expect(isinstance(p, int | float) and 0 <= p <= 1, SettingError, operation, "0 <= p <= 1", repr(p))
    return float(p)


def span(operation: str, name: str, value: Any, low: float | None = None) -> tuple[float, float]:
    """(a, b) of a pair, or (-value, value) of a number. Raises SettingError unless a <= b, and low <= a where given."""
    pair = (-value, value) if isinstance(value, int | float) else tuple(value)
    fits = len(pair) == 2 and pair[0] <= pair[1] and (low is None or low <= pair[0])
    bound = "" if low is None else f", from {low} on"
    expect(fits, SettingError, operation, f"{name} >= 0, or a pair (low, high){bound}", repr(value))
    return float(pair[0]), float(pair[1])


def size_pair(operation: str, size: Any) -> tuple[int, int]:
    """(height, width) of a number or of one or two. Raises SettingError for anything else."""
    given = (size,) if isinstance(size, int) else tuple(size) if isinstance(size, Sequence) else ()
    fits = len(given) in (1, 2) and all(isinstance(n, int) and n > 0 for n in given)
    expect(fits, SettingError, operation, "size > 0, or (height, width)", repr(size))
    return given[0], given[-1]


def _host() -> Any:
    return backend.load("numpy").asarray([], "uint64")
