"""GELU (Hendrycks and Gimpel 2016): each x times the probability P(x) that a standard normal number is below it.

y = x P(x)          dx = g (P + x P')

approximate="none":  P = erfc(-x / sqrt(2)) / 2         P' = e**(-x**2 / 2) / sqrt(2 pi)
approximate="tanh":  P = (1 + tanh u) / 2 = sigmoid(2 u)     P' = 2 P (1 - P) u'
                     u = sqrt(2 / pi) (x + 0.044715 x**3)    u' = sqrt(2 / pi) (1 + 0.134145 x**2)
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from xdl.backend import Array
from xdl.errors import SettingError, nearest
from xdl.functional import either
from xdl.functional.elementwise.erf import erfc, erfc_array
from xdl.functional.elementwise.unary import floating_namespace, pointwise
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor

FORMS = ("none", "tanh")
SCALE, CUBE = math.sqrt(2 / math.pi), 0.044715
FAR = 40.0  # P'(FAR) = 0 and P(-FAR) = 0 in float64


def probability(x: Any, form: str) -> Any:
    """P(x)."""
    if form == "tanh":
        c = either.clip(x, -FAR, FAR)
        return either.sigmoid((c + c * c * c * CUBE) * (2 * SCALE))
    z = x * -math.sqrt(0.5)
    return (erfc(z) if isinstance(z, Tensor) else erfc_array(z)) * 0.5


def value(form: str, x: Array) -> Array:
    """y = x P(x)."""
    return either.clip(x, -FAR, None) * probability(x, form)


def gradient(form: str, g: Any, x: Any) -> Any:
    """dx = g (P + x P')."""
    c, p = either.clip(x, -FAR, FAR), probability(x, form)
    if form == "tanh":
        return g * (p + c * p * (1 - p) * (c * c * (3 * CUBE) + 1) * (2 * SCALE))
    return g * (p + c * either.exp(c * c * -0.5) * (SCALE / 2))


class GeluPair:
    """y = x P(x); saved: x and the form."""

    @staticmethod
    def forward(x: Array, form: str) -> tuple[Array, tuple[Array, str]]:
        return pointwise(x, partial(value, form))[1], (x, form)

    @staticmethod
    def backward(g: Array, saved: tuple[Array, str], needs: Any) -> tuple[Array]:
        x, form = saved
        return (pointwise(g, partial(gradient, form), x)[1],)


gelu_pair = Kernel("gelu", GeluPair)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """y = x P(x), floating x of any shape; at infinity y and dy/dx are their limits.

    approximate: "none", or "tanh" for the approximation above. Raises SettingError for another.
    """
    floating_namespace("gelu", input)
    if approximate not in FORMS:
        raise SettingError("gelu", "approximate: none or tanh", repr(approximate), nearest(str(approximate), FORMS))
    version, y, saved = gelu_pair(input.array, approximate)
    return record(y, (input,), partial(_gelu_rule, approximate), saved, version)


def _gelu_rule(form: str, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (gradient(form, g, x),)
