"""LeakyReLU for NumPy, with 0 < a <= 1: the larger of x and a x, in blocks that need no memory but the result.

Its slope is 1 or 0, whether x > 0, cut off at a. Choosing by a mask (`np.where`) takes five times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from xdl.functional.elementwise.piecewise import leaky_relu_slope, leaky_relu_value
from xdl.functional.elementwise.unary import by_slope, pointwise

from ..common.memory_order import memory_order
from .pointwise import in_blocks
from .slots import PRIORITY, register

SMALLEST = 1 << 15  # elements; below, the temporaries of the whole array stay in cache


def _settings(f: Any) -> tuple[Any, float] | None:
    """Whether f is LeakyReLU's value or gradient with such an a: what writes it, and a."""
    if type(f) is not partial:
        return None
    gradient = f.func is by_slope
    inner = f.args[0] if gradient else f
    if type(inner) is not partial or inner.func is not (leaky_relu_slope if gradient else leaky_relu_value):
        return None
    (a,) = inner.args
    return (_gradient if gradient else _value, a) if 0 < a <= 1 else None


def _large(x: np.ndarray, f: Callable[..., np.ndarray], *more: np.ndarray) -> bool:
    if x.size <= SMALLEST or _settings(f) is None:
        return False
    return memory_order(x) is not None and all(a.shape == x.shape for a in more)


@register(
    pointwise,
    when=_large,
    why=f"LeakyReLU with 0 < slope <= 1 of dense arrays with more than {SMALLEST} elements",
    priority=PRIORITY + 1,
)
class leaky_relu_blocks:
    """y = max(x, a x), or dx = g, where x > 0, else a g."""

    @staticmethod
    def forward(x: np.ndarray, f: Callable[..., np.ndarray], *more: np.ndarray) -> tuple[np.ndarray, None]:
        known: Any = _settings(f)
        write, a = known
        return in_blocks(partial(write, a), x, *more)[0], None


def _value(a: float, out: np.ndarray, x: np.ndarray) -> None:
    np.multiply(x, a, out=out)
    np.maximum(x, out, out=out)


def _gradient(a: float, out: np.ndarray, g: np.ndarray, x: np.ndarray) -> None:
    np.greater(x, 0, out=out)
    np.clip(out, a, 1, out=out)
    np.multiply(out, g, out=out)
