"""Functions of elements without a slot of their own, compiled: `pointwise` hands them over as Python functions.

Those known here run as one loop, value or gradient; others stay with NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from xdl.functional import either
from xdl.functional.elementwise import activation, erf, trigonometric
from xdl.functional.elementwise.unary import pointwise

from .compiled import Compiled
from .sharing import dense, elements
from .slots import register

COST = 0.6  # nanoseconds an element


def _loop(name: str, arrays: int, numbers: int = 0) -> Compiled:
    return Compiled(f"formulas.{name}", ", ".join(["T[::1]"] * arrays + ["T"] * numbers))


KNOWN: dict[Callable[..., Any], Compiled] = {
    either.sigmoid: _loop("sigmoid", 2),
    activation.sigmoid_gradient: _loop("sigmoid_back", 3),
    trigonometric.tanh_gradient: _loop("tanh_back", 3),
    activation.silu_value: _loop("silu", 2),
    activation.silu_gradient: _loop("silu_back", 3),
    activation.mish_value: _loop("mish", 2),
    activation.mish_gradient: _loop("mish_back", 3),
    activation.logsigmoid_value: _loop("logsigmoid", 2),
    activation.logsigmoid_gradient: _loop("logsigmoid_back", 3),
    activation.softplus_value: _loop("softplus", 2, 2),
    activation.softplus_gradient: _loop("softplus_back", 3, 2),
    erf.erf_array: _loop("erf", 2),
    erf.erf_gradient: _loop("erf_back", 3),
    activation.tanhshrink_gradient: _loop("tanhshrink_back", 3),
}


def formula_of(f: Callable[..., Any]) -> tuple[Compiled, tuple[float, ...]] | None:
    """The loop of a function that is known, and the settings that the function has before its arrays."""
    name, settings = (f.func, f.args) if type(f) is partial else (f, ())
    return (KNOWN[name], settings) if name in KNOWN else None


def _known(x: np.ndarray, f: Callable[..., Any], *more: np.ndarray) -> bool:
    alike = all(a.shape == x.shape and a.dtype == x.dtype for a in more)
    return formula_of(f) is not None and alike and dense(more[0] if more else x)


@register(pointwise, *KNOWN.values(), when=_known, why="dense arrays, and a function of formulas.py")
class pointwise_compiled:
    """y = f(x), or dx = f(g, x) in the order of x's memory."""

    @staticmethod
    def forward(x: np.ndarray, f: Callable[..., Any], *more: np.ndarray) -> tuple[np.ndarray, None]:
        formula: Any = formula_of(f)
        loop, numbers = formula
        return elements(loop[x.dtype], COST, *more, x, numbers=numbers), None  # a gradient's loop takes x before g
