"""Powers of one operand, exponentials and logarithms. Floating x of any shape, y of x's shape and dtype."""

from __future__ import annotations

import math
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.functional.elementwise.arithmetic import Operand, mul
from xdl.functional.elementwise.unary import by_input, by_output
from xdl.functional.operands import pair
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor

LN2, LN10 = math.log(2), math.log(10)


def exp(input: Tensor) -> Tensor:
    """y = e**x; dy/dx = y."""
    return by_output("exp", input, lambda g, y: g * y)


def exp2(input: Tensor) -> Tensor:
    """y = 2**x; dy/dx = y ln 2."""
    return by_output("exp2", input, lambda g, y: g * y * LN2, lambda x: 2.0**x)


def expm1(input: Tensor) -> Tensor:
    """y = e**x - 1, exact for small x; dy/dx = y + 1."""
    return by_output("expm1", input, lambda g, y: g * (y + 1))


def log(input: Tensor) -> Tensor:
    """y = ln x; dy/dx = 1 / x."""
    return by_input("log", input, lambda g, x: g / x)


def log2(input: Tensor) -> Tensor:
    """y = log2 x; dy/dx = 1 / (x ln 2)."""
    return by_input("log2", input, lambda g, x: g / (x * LN2))


def log10(input: Tensor) -> Tensor:
    """y = log10 x; dy/dx = 1 / (x ln 10)."""
    return by_input("log10", input, lambda g, x: g / (x * LN10))


def log1p(input: Tensor) -> Tensor:
    """y = ln (1 + x), exact for small x; dy/dx = 1 / (1 + x)."""
    return by_input("log1p", input, lambda g, x: g / (x + 1))


def sqrt(input: Tensor) -> Tensor:
    """y = x**(1/2); dy/dx = 1 / (2 y)."""
    return by_output("sqrt", input, lambda g, y: g / (y * 2))


def rsqrt(input: Tensor) -> Tensor:
    """y = x**(-1/2); dy/dx = -y**3 / 2."""
    return by_output("rsqrt", input, lambda g, y: g * (y * y * y * -0.5), _rsqrt)


def _rsqrt(x: Array) -> Array:
    return 1 / namespaces[type(x)].sqrt(x)


def reciprocal(input: Tensor) -> Tensor:
    """y = 1 / x; dy/dx = -y**2."""
    return by_output("reciprocal", input, lambda g, y: -g * y * y, lambda x: 1 / x)


@composite
def square(input: Tensor) -> Tensor:
    """y = x**2; dy/dx = 2 x."""
    return mul(input, input)


def logaddexp(input: Operand, other: Operand) -> Tensor:
    """y = ln (e**a + e**b) without overflow, floating; dy/da = 1 / (1 + e**(b - a)), dy/db = 1 / (1 + e**(a - b))."""
    xp, a, b, x, y = pair("logaddexp", input, other, "float")
    return record(xp.logaddexp(x, y), (a, b), _logaddexp_rule)


def _logaddexp_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    d = a - b
    return g * either.sigmoid(d) if needs[0] else None, g * either.sigmoid(-d) if needs[1] else None
