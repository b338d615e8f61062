"""Trigonometric and hyperbolic functions and their inverses. Floating x of any shape, angles in radians."""

from __future__ import annotations

from typing import Any

from xdl.functional import either
from xdl.functional.elementwise.arithmetic import Operand
from xdl.functional.elementwise.unary import by_input, by_output
from xdl.functional.operands import pair
from xdl.tape import record
from xdl.tensor import Tensor


def sin(input: Tensor) -> Tensor:
    """y = sin x; dy/dx = cos x."""
    return by_input("sin", input, lambda g, x: g * either.cos(x))


def cos(input: Tensor) -> Tensor:
    """y = cos x; dy/dx = -sin x."""
    return by_input("cos", input, lambda g, x: -g * either.sin(x))


def tan(input: Tensor) -> Tensor:
    """y = tan x; dy/dx = 1 + y**2."""
    return by_output("tan", input, lambda g, y: g * (y * y + 1))


def asin(input: Tensor) -> Tensor:
    """y = the angle in [-pi/2, pi/2] with sin y = x, nan outside [-1, 1]; dy/dx = 1 / sqrt(1 - x**2)."""
    return by_input("asin", input, lambda g, x: g / either.sqrt(1 - x * x))


def acos(input: Tensor) -> Tensor:
    """y = the angle in [0, pi] with cos y = x, nan outside [-1, 1]; dy/dx = -1 / sqrt(1 - x**2)."""
    return by_input("acos", input, lambda g, x: -g / either.sqrt(1 - x * x))


def atan(input: Tensor) -> Tensor:
    """y = the angle in (-pi/2, pi/2) with tan y = x; dy/dx = 1 / (1 + x**2)."""
    return by_input("atan", input, lambda g, x: g / (x * x + 1))


def atan2(input: Operand, other: Operand) -> Tensor:
    """y = the angle in [-pi, pi] of the point (x, y) = (b, a); dy/da = b / (a**2 + b**2), dy/db = -a / (a**2 + b**2).

    The derivatives at the origin are 0.
    """
    xp, a, b, x, y = pair("atan2", input, other, "float")
    return record(xp.atan2(x, y), (a, b), _atan2_rule)


def _atan2_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    r2 = a * a + b * b
    h = g / either.where(either.raw(r2) != 0, r2, 1.0)
    return h * b if needs[0] else None, -h * a if needs[1] else None


def sinh(input: Tensor) -> Tensor:
    """y = (e**x - e**-x) / 2; dy/dx = cosh x."""
    return by_input("sinh", input, lambda g, x: g * either.cosh(x))


def cosh(input: Tensor) -> Tensor:
    """y = (e**x + e**-x) / 2; dy/dx = sinh x."""
    return by_input("cosh", input, lambda g, x: g * either.sinh(x))


def tanh(input: Tensor) -> Tensor:
    """y = sinh x / cosh x; dy/dx = 1 - y**2."""
    return by_output("tanh", input, tanh_gradient)


def tanh_gradient(g: Any, y: Any) -> Any:
    """dx = g (1 - y**2)."""
    return g * (1 - y * y)


def asinh(input: Tensor) -> Tensor:
    """y with sinh y = x; dy/dx = 1 / sqrt(x**2 + 1)."""
    return by_input("asinh", input, lambda g, x: g / either.sqrt(x * x + 1))


def acosh(input: Tensor) -> Tensor:
    """y >= 0 with cosh y = x, nan for x < 1; dy/dx = 1 / sqrt(x**2 - 1)."""
    return by_input("acosh", input, lambda g, x: g / either.sqrt(x * x - 1))


def atanh(input: Tensor) -> Tensor:
    """y with tanh y = x, nan outside [-1, 1]; dy/dx = 1 / (1 - x**2)."""
    return by_input("atanh", input, lambda g, x: g / (1 - x * x))


def hypot(input: Operand, other: Operand) -> Tensor:
    """y = sqrt(a**2 + b**2) without overflow, floating; dy/da = a / y, dy/db = b / y."""
    xp, a, b, x, y = pair("hypot", input, other, "float")
    return record(xp.hypot(x, y), (a, b), _hypot_rule, keep_y=True)


def _hypot_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g * (a / y) if needs[0] else None, g * (b / y) if needs[1] else None
