"""What a case is, and the host inputs that cases are made of.

A case is one call written against a namespace F that is xdl's or PyTorch's: names, defaults and argument order are
the same, and a case that needs another spelling for PyTorch gives `torch`. Inputs are float64 or integers from
NumPy's frozen RandomState, seeded by the case's name and the input's place, so that they never change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np


@dataclass(frozen=True)
class Case:
    """One call on given inputs.

    id:      function name, then what is special
    call:    call(F, *inputs) -> a tensor or several
    specs:   one maker of a host array per input
    torch:   the call in PyTorch's spelling, if it is another
    fixed:   places of floating inputs that get no gradient
    smooth:  whether finite differences make sense here (not at kinks and ties)
    dynamic: whether the shape of the result is a value, so that a device has to be waited for
    second:  second derivatives are "compared" with PyTorch's, or "skipped" there (it has none of some, or takes another
             side of a kink)
    oracle:  whether PyTorch has this with the same values and derivatives
    """

    id: str
    call: Callable[..., Any]
    specs: tuple[Callable[[np.random.RandomState], np.ndarray], ...]
    torch: Callable[..., Any] | None = None
    fixed: tuple[int, ...] = ()
    smooth: bool = True
    second: str = "compared"
    oracle: bool = True
    dynamic: bool = False

    @property
    def name(self) -> str:
        """The function or module."""
        return self.id.split()[0]

    @cached_property
    def _made(self) -> list[np.ndarray]:
        return [spec(np.random.RandomState(crc32(f"{self.id}/{i}".encode()))) for i, spec in enumerate(self.specs)]

    def inputs(self, dtype: str = "float64") -> list[np.ndarray]:
        """Fresh host inputs, floating ones in a dtype."""
        return [x.astype(dtype if x.dtype.kind == "f" else x.dtype) for x in self._made]

    def differentiable(self) -> list[int]:
        """The places of the inputs that get a gradient."""
        return [i for i, x in enumerate(self._made) if x.dtype.kind == "f" and i not in self.fixed]


def case(id, call, *specs, **options):
    """A case; specs are makers or ready arrays."""
    return Case(id, call, tuple(spec if callable(spec) else lambda _, x=spec: x.copy() for spec in specs), **options)


def normal(*shape):
    """Standard normal values."""
    return lambda random: random.standard_normal(shape)


def positive(*shape):
    """Values between 0.5 and 2."""
    return lambda random: random.uniform(0.5, 2.0, shape)


def apart(*shape):
    """Different values in random order, at least 0.1 apart and away from 0: no ties and no kinks."""
    n = int(np.prod(shape))
    return lambda random: (random.permutation(n) - n / 2 + 0.25).reshape(shape) * 0.1


def integers(high, *shape):
    """int64 in [0, high)."""
    return lambda random: np.asarray(random.randint(0, high, shape), np.int64)


def probabilities(*shape):
    """Positive values that sum to 1 along dim 1."""

    def make(random):
        x = random.uniform(0.1, 1.0, shape)
        return x / x.sum(1, keepdims=True)

    return make
