"""What the experiment `tensors` shows of arrays: texts of code, and the same code for xdl's Tensors and NumPy's arrays.

`indexed` and `computed` take either kind, so that what xdl makes of it can be laid beside what NumPy does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import xdl
from xdl.errors import SettingError, expect
from xdl.tensor import Tensor

CREATED: dict[str, Callable[[], Tensor]] = {
    "tensor([[1, 2], [3, 4]])": lambda: xdl.tensor([[1, 2], [3, 4]]),
    "as_tensor([1.5, 2, 4])": lambda: xdl.as_tensor([1.5, 2, 4]),
    "arange(0, 12, 3)": lambda: xdl.arange(0, 12, 3),
    "linspace(0, 1, 5)": lambda: xdl.linspace(0, 1, 5),
    "full((2, 3), 7)": lambda: xdl.full((2, 3), 7),
    "zeros(2, 3)": lambda: xdl.zeros(2, 3),
    "ones(2, 2)": lambda: xdl.ones(2, 2),
    "eye(3)": lambda: xdl.eye(3),
    "rand(2, 3)": lambda: xdl.rand(2, 3),
    "randn(2, 3)": lambda: xdl.randn(2, 3),
    "randint(0, 10, (2, 3))": lambda: xdl.randint(0, 10, (2, 3)),
}
RANDOM = {"rand(2, 3)": (0.0, 1.0), "randn(2, 3)": (-8.0, 8.0), "randint(0, 10, (2, 3))": (0.0, 9.0)}  # their bounds


def joined(x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """What comes of x (2, 3) and y (1, 3), by the code that makes it."""
    return {
        "x.reshape(3, 2)": x.reshape(3, 2),
        "x.T": x.T,
        "x.flip(1)": x.flip(1),
        "repeat_interleave(x, 2, 1)": xdl.repeat_interleave(x, 2, 1),
        "tile(x, (2, 2))": xdl.tile(x, (2, 2)),
        "cat((x, y), 0)": xdl.cat((x, y), 0),
        "cat((x, x), 1)": xdl.cat((x, x), 1),
        "stack((x[0], y[0]), 1)": xdl.stack((x[0], y[0]), 1),
        "split(x, 2, 1)[0]": xdl.split(x, 2, 1)[0],
        "split(x, 2, 1)[1]": xdl.split(x, 2, 1)[1],
        "pad(x, (1, 2, 1, 0))": xdl.pad(x, (1, 2, 1, 0)),
    }


def indexed(x: Any) -> dict[str, Any]:
    """Parts of x (4, 6), a Tensor or an array, by the code that takes them."""
    return {
        "x[1]": x[1],
        "x[:, 2]": x[:, 2],
        "x[1, 4]": x[1, 4],
        "x[1:3, 2:]": x[1:3, 2:],
        "x[::2, ::3]": x[::2, ::3],
        "x[-1, ::-1]": x[-1, ::-1],
        "x[[0, 2, 3], [1, 1, 4]]": x[[0, 2, 3], [1, 1, 4]],
        "x[[3, 0]]": x[[3, 0]],
        "x[x % 5 == 0]": x[x % 5 == 0],
    }


def computed(x: Any, y: Any) -> dict[str, Any]:
    """What is computed from x and y (2, 3), two Tensors or two arrays, by the code that does it."""
    return {
        "x + y": x + y,
        "x * y": x * y,
        "x / y": x / y,
        "x ** 2": x**2,
        "x > y": x > y,
        "x @ y.T": x @ y.T,
        "x[0] @ y[0]": x[0] @ y[0],
        "x.sum()": x.sum(),
        "x.sum(0)": x.sum(0),
        "x.mean(1)": x.mean(1),
        "y.max()": y.max(),
        "y.argmax(1)": y.argmax(1),
        "x.cumsum(1)": x.cumsum(1),
    }


def read_index(text: str) -> Any:
    """The index that a text like "1:3, ::2" stands for: whole numbers, slices, ... and None. Nothing is executed.

    Raises SettingError for anything else.
    """
    pieces = tuple(_piece(part.strip()) for part in text.split(","))
    expect(len(pieces) <= 4, SettingError, "index", "at most 4 parts", len(pieces))
    return pieces if len(pieces) > 1 else pieces[0]


def _piece(part: str) -> Any:
    if part in ("...", "None"):
        return ... if part == "..." else None
    numbers = part.split(":")
    expect(len(numbers) <= 3, SettingError, "index", "start:stop:step", repr(part))
    found = [_number(number.strip(), part, len(numbers) > 1) for number in numbers]
    return slice(*found) if len(found) > 1 else found[0]


def _number(text: str, part: str, may_lack: bool) -> int | None:
    if may_lack and not text:
        return None
    digits = text.removeprefix("-")
    fits = digits.isascii() and digits.isdecimal() and len(digits) <= 6
    expect(fits, SettingError, "index", "whole numbers, start:stop:step, ... or None", repr(part[:40]))
    return int(text)


def difference(found: Tensor, expected: Any) -> float:
    """The largest difference between a Tensor and NumPy's array (or number); infinite where their shapes differ."""
    if tuple(found.shape) != expected.shape:
        return inf
    return float(abs(found.numpy() * 1.0 - expected * 1.0).max()) if expected.size else 0.0


def differences(found: Mapping[str, Tensor], expected: Mapping[str, Any]) -> dict[str, float]:
    """{code: the difference} of all cases."""
    return {code: difference(found[code], expected[code]) for code in found}
