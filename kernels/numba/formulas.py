"""Functions of elements without a slot of their own, compiled: `pointwise` hands them over as Python functions.

Those known here run as one loop, value or gradient; others stay with NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from xdl.functional import either
from xdl.functional.elementwise import activation, elu, erf, piecewise, trigonometric
from xdl.functional.elementwise.unary import by_slope, pointwise
from xdl.functional.loss import element_pair

from .compiled import Compiled
from .sharing import dense, elements
from .slots import register

STRAIGHT, CURVED = 0.15, 0.6  # nanoseconds an element: without and with an exponential


def _loop(name: str, arrays: int, numbers: int = 0) -> Compiled:
    return Compiled(name, f"{', '.join(['T[::1]'] * arrays)} | {', '.join(['T'] * numbers)}")


SMOOTH: dict[Callable[..., Any], Compiled] = {
    either.sigmoid: _loop("formulas.sigmoid", 2),
    activation.sigmoid_gradient: _loop("formulas.sigmoid_back", 3),
    trigonometric.tanh_gradient: _loop("formulas.tanh_back", 3),
    activation.silu_value: _loop("formulas.silu", 2),
    activation.silu_gradient: _loop("formulas.silu_back", 3),
    activation.mish_value: _loop("formulas.mish", 2),
    activation.mish_gradient: _loop("formulas.mish_back", 3),
    activation.logsigmoid_value: _loop("formulas.logsigmoid", 2),
    activation.logsigmoid_gradient: _loop("formulas.logsigmoid_back", 3),
    activation.softplus_value: _loop("formulas.softplus", 2, 2),
    activation.softplus_gradient: _loop("formulas.softplus_back", 3, 2),
    erf.erf_array: _loop("formulas.erf", 2),
    erf.erf_gradient: _loop("formulas.erf_back", 3),
    activation.tanhshrink_gradient: _loop("formulas.tanhshrink_back", 3),
    element_pair.logits_value: _loop("formulas.logits", 3),
    element_pair.logits_slope: _loop("formulas.logits_slope", 3),
    elu.elu_value: _loop("piecewise.elu", 2, 3),
    elu.elu_gradient: _loop("piecewise.elu_back", 3, 3),
}
PIECEWISE: dict[Callable[..., Any], Compiled] = {  # slopes stand for their gradients
    piecewise.leaky_relu_value: _loop("piecewise.leaky_relu", 2, 1),
    piecewise.leaky_relu_slope: _loop("piecewise.leaky_relu_back", 3, 1),
    piecewise.clip_value: _loop("piecewise.clip", 2, 2),
    piecewise.clip_slope: _loop("piecewise.clip_back", 3, 2),
    piecewise.hardsigmoid_value: _loop("piecewise.hardsigmoid", 2),
    piecewise.hardsigmoid_slope: _loop("piecewise.hardsigmoid_back", 3),
    piecewise.hardswish_value: _loop("piecewise.hardswish", 2),
    piecewise.hardswish_gradient: _loop("piecewise.hardswish_back", 3),
    piecewise.hardshrink_value: _loop("piecewise.hardshrink", 2, 1),
    piecewise.softshrink_value: _loop("piecewise.softshrink", 2, 1),
    piecewise.shrink_slope: _loop("piecewise.shrink_back", 3, 1),
    piecewise.threshold_value: _loop("piecewise.threshold", 2, 2),
    piecewise.threshold_slope: _loop("piecewise.threshold_back", 3, 1),
    activation.softsign_value: _loop("piecewise.softsign", 2),
    activation.softsign_gradient: _loop("piecewise.softsign_back", 3),
}
KNOWN = {**SMOOTH, **PIECEWISE}


def formula_of(f: Callable[..., Any]) -> tuple[Callable[..., Any], tuple[float, ...]] | None:
    """The function that is known in f, value, gradient or slope, and the settings that it has before its arrays."""
    name, settings = (f.func, f.args) if type(f) is partial else (f, ())
    if name is by_slope:
        return formula_of(settings[0])
    return (name, settings) if name in KNOWN else None


def _known(x: np.ndarray, f: Callable[..., Any], *more: np.ndarray) -> bool:
    alike = all(a.shape == x.shape and a.dtype == x.dtype for a in more)
    return formula_of(f) is not None and alike and dense(more[0] if more else x)


@register(pointwise, *KNOWN.values(), when=_known, why="dense arrays, and a function of formulas.py", by_loops=True)
class pointwise_compiled:
    """y = f(x), dx = f(g, x) in the order of x's memory, or y = f(x, t) in the order of t's."""

    @staticmethod
    def forward(x: np.ndarray, f: Callable[..., Any], *more: np.ndarray) -> tuple[np.ndarray, None]:
        formula: Any = formula_of(f)
        name, numbers = formula
        cost = STRAIGHT if name in PIECEWISE else CURVED
        return elements(
            KNOWN[name][x.dtype], cost, *more, x, numbers=numbers
        ), None  # a gradient takes x before g, a loss t before x
