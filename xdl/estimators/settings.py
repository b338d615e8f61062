"""What `fit` asks of settings that are numbers."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

from xdl.errors import SettingError


def check_number(operation: str, name: str, value: Any, positive: bool = False) -> None:
    """Raises SettingError unless a setting is a number of at least 0, or above 0 where it is to be `positive`."""
    if not (isinstance(value, Real) and (float(value) > 0 if positive else float(value) >= 0)):
        expected = "a number above 0" if positive else "a number of at least 0"
        raise SettingError(operation, f"{name}: {expected}", repr(value))


def is_pair(value: Any, kind: type) -> bool:
    """Whether a setting is a pair of numbers of a kind."""
    return isinstance(value, tuple | list) and len(value) == 2 and all(isinstance(part, kind) for part in value)


def check_count(operation: str, name: str, value: Any) -> None:
    """Raises SettingError unless a setting is a whole number of at least 1."""
    if not (isinstance(value, Integral) and int(value) >= 1):
        raise SettingError(operation, f"{name}: a whole number of at least 1", repr(value))
