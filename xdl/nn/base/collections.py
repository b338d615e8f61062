"""Tensors that a user hands over together: one, several in an order, or several with names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

from xdl.errors import KindError, SettingError
from xdl.tensor import Tensor


def ordered(operation: str, values: Any) -> list[Any]:
    """Several values as a list. Raises KindError for a set, whose order changes from run to run, and for no values."""
    if isinstance(values, set | frozenset | WeakSet) or not isinstance(values, Iterable):
        raise KindError(operation, "values in an order", type(values).__name__, "Give a list")
    return list(values)


def tensors(operation: str, values: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """One tensor, or several in an order, as a list. Raises KindError for a set, and for what are no tensors."""
    several = [values] if isinstance(values, Tensor) else ordered(operation, values)
    for value in several:
        if not isinstance(value, Tensor):
            raise KindError(operation, "tensors", type(value).__name__)
    return several


def named(operation: str, values: Any) -> tuple[list[str], list[Any]]:
    """(names, values) of (name, value) pairs; no names for values alone.

    Raises SettingError where some have names and others do not, KindError as `ordered`.
    """
    several = [values] if isinstance(values, Tensor) else ordered(operation, values)
    names = [value[0] for value in several if isinstance(value, tuple) and len(value) == 2]
    if len(names) not in (0, len(several)):
        raise SettingError(operation, "names for all parameters or for none", f"{len(names)} of {len(several)}")
    return names, [value[1] for value in several] if names else several
