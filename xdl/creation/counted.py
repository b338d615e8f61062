"""Tensors of numbers in equal steps."""

from __future__ import annotations

from math import ceil, isfinite
from typing import Any

from xdl.creation.filled import Where, one_size, sizes
from xdl.devices import empty_at
from xdl.errors import SettingError
from xdl.promotion import number_kind
from xdl.tensor import Tensor


def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """start, start + step, ... below end (0, 1, ... below start if only that is given); int64 for whole numbers.

    Raises SettingError for numbers that are not finite, and for a step that does not lead from start to end.
    """
    low, high = (0, start) if end is None else (start, end)
    whole = {number_kind(value, "arange") for value in (low, high, step)} == {"int"}
    if not all(map(isfinite, (low, high, step))) or step == 0 or (high - low) / step < 0:
        found = f"start {low}, end {high} and step {step}"
        raise SettingError("arange", "finite numbers, and a step that leads from start to end", found)
    sizes("arange", (ceil((high - low) / step),), None)
    xp, like = empty_at(device, dtype or ("int64" if whole else "float32"))
    return Tensor(xp.arange(low, high, step, dtype=like.dtype, device=like.device), requires_grad)


def linspace(
    start: float, end: float, steps: int, dtype: Any = None, device: Where = None, requires_grad: bool = False
) -> Tensor:
    """`steps` numbers in equal distances from start to end, both among them; float32 unless told otherwise."""
    count = one_size("linspace", steps)
    xp, like = empty_at(device, dtype or "float32")
    low, high = one_number("linspace", start), one_number("linspace", end)
    return Tensor(xp.linspace(low, high, count, dtype=like.dtype, device=like.device), requires_grad)


def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    dtype: Any = None,
    device: Where = None,
    requires_grad: bool = False,
) -> Tensor:
    """base**x for the x of `linspace`."""
    xp, like = empty_at(device, dtype or "float32")
    base = one_number("logspace", base)
    powers = base ** linspace(start, end, steps, "float64", device)
    return Tensor(xp.astype(powers.array, like.dtype), requires_grad)


def one_number(operation: str, value: Any) -> float:
    """A real number or a Tensor of one. Raises DtypeError for anything else."""
    if not isinstance(value, Tensor):
        number_kind(value, operation)
    return float(value)
