"""Random numbers written into a tensor: `x.uniform_(-1, 1)`.

generator: the stream to draw from, `xdl.random.stream("random")` without it. They return x, and raise as
`xdl.functional.in_place` says, SettingError for parameters out of range, and DtypeError for a dtype that cannot hold
the numbers.
"""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.backend import kinds, namespaces
from xdl.creation import full_like
from xdl.errors import SettingError
from xdl.functional.in_place import copy_
from xdl.random.sampling import bernoulli, floating_numbers
from xdl.random.streams import Stream, drawn_from
from xdl.tensor import Tensor


def uniform_(input: Tensor, low: float = 0.0, high: float = 1.0, *, generator: Stream | None = None) -> Tensor:
    """Uniform numbers in [low, high)."""
    _require("uniform_", low <= high, "low of at most high", f"{low} and {high}")
    return _write(input, _uniform("uniform_", input, generator) * (high - low) + low)


def normal_(input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Stream | None = None) -> Tensor:
    """Normal numbers."""
    _require("normal_", std >= 0, "std of at least 0", std)
    return _write(input, _normal("normal_", input, generator) * std + mean)


def log_normal_(input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Stream | None = None) -> Tensor:
    """e to the power of normal numbers."""
    _require("log_normal_", std > 0, "std above 0", std)
    z = _normal("log_normal_", input, generator) * std + mean
    return _write(input, namespaces[type(z)].exp(z))


def exponential_(input: Tensor, lambd: float = 1.0, *, generator: Stream | None = None) -> Tensor:
    """Exponential numbers of mean 1 / lambd: -ln(1 - u) / lambd for uniform u."""
    _require("exponential_", lambd > 0, "lambd above 0", lambd)
    u = _uniform("exponential_", input, generator)
    return _write(input, -namespaces[type(u)].log1p(-u) / lambd)


def bernoulli_(input: Tensor, p: float | Tensor = 0.5, *, generator: Stream | None = None) -> Tensor:
    """1 with probability p (a number, or one for each element), else 0, in any dtype."""
    if not isinstance(p, Tensor):
        p = full_like(input, p, "float32")
    return copy_(input, bernoulli(p.expand(input.shape), generator=generator))


def random_(input: Tensor, low: int = 0, high: int | None = None, *, generator: Stream | None = None) -> Tensor:
    """Whole numbers in [low, high); random_(high) starts at 0; without bounds all that the dtype counts."""
    if high is None:
        low, high = 0, low or _largest(input) + 1
    x = drawn_from(generator).integers(low, high, input.shape, input.array)
    return copy_(input, Tensor(x))


def _largest(input: Tensor) -> int:
    """The largest whole number below which the dtype holds each, as far as int64."""
    x, kind = input.array, kinds[input.array.dtype]
    if kind != "int":
        return 1 if kind == "bool" else 1 << (24 if x.dtype.itemsize == 4 else 53)
    return min(int(namespaces[type(x)].iinfo(x.dtype).max), (1 << 63) - 2)


def _uniform(operation: str, input: Tensor, generator: Stream | None) -> Any:
    x = floating_numbers(operation, input)
    return drawn_from(generator).uniform(x.shape, backend.dtype_name(x), x)


def _normal(operation: str, input: Tensor, generator: Stream | None) -> Any:
    x = floating_numbers(operation, input)
    return drawn_from(generator).normal(x.shape, backend.dtype_name(x), x)


def _write(input: Tensor, x: Any) -> Tensor:
    return copy_(input, Tensor(x))


def _require(operation: str, holds: bool, expected: str, found: Any) -> None:
    if not holds:
        raise SettingError(operation, expected, found)
