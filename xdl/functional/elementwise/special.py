"""Special functions of each element: inverse error function, logits, angles, and what takes nan as missing."""

from __future__ import annotations

from math import log, pi, sqrt
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.functional.elementwise.arithmetic import Operand
from xdl.functional.elementwise.erf import erf_array
from xdl.functional.elementwise.logic import isnan
from xdl.functional.elementwise.unary import by_output, numeric_namespace
from xdl.functional.elementwise.where import clamp, where
from xdl.functional.operands import operands, pair
from xdl.observe import composite
from xdl.tensor import Tensor

A = 0.147  # of Winitzki's approximation
STEPS = 4  # of Newton's method, which doubles the digits each time

__all__ = ["deg2rad", "erfinv", "fmax", "fmin", "logit", "rad2deg", "signbit", "sinc", "xlogy"]


def erfinv(input: Tensor) -> Tensor:
    """y with erf y = x, for x in [-1, 1], nan outside; dy/dx = sqrt(pi) / 2 e**y**2. Floating x.

    Source: Winitzki, "A handy approximation for the error function and its inverse" (2008), then Newton's method.
    """
    return by_output("erfinv", input, lambda g, y: g * either.exp(y * y) * (sqrt(pi) / 2), _erfinv)


def _erfinv(x: Array) -> Array:
    xp = namespaces[type(x)]
    inside = xp.abs(x) < 1
    z = xp.where(inside, x, 0.0)
    logs = xp.log1p(-z * z)
    b = 2 / (pi * A) + logs / 2
    y = xp.sign(z) * xp.sqrt(xp.sqrt(b * b - logs / A) - b)
    for _ in range(STEPS):
        y = y - (erf_array(y) - z) * xp.exp(y * y) * (sqrt(pi) / 2)
    edge = xp.where(xp.abs(x) == 1, xp.sign(x) * float("inf"), float("nan"))
    return xp.where(inside, y, edge)


@composite
def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """y = ln(x / (1 - x)), of x held between eps and 1 - eps if it is given; nan outside [0, 1] without. Floating x."""
    p = input if eps is None else clamp(input, eps, 1 - eps)
    return p.log() - (1 - p).log()


@composite
def xlogy(input: Operand, other: Operand) -> Tensor:
    """y = a ln b, 0 where a is 0 and b no nan. Operands as of `mul`."""
    _, a, b, _, _ = pair("xlogy", input, other, "float")
    if not isinstance(b, Tensor):
        found: Tensor = a * (log(b) if b > 0 else float("-inf") if b == 0 else float("nan"))
        return found
    none = (a == 0) & ~isnan(b)
    return where(none, 0.0, a * where(none, 1.0, b).log())


@composite
def fmax(input: Operand, other: Operand) -> Tensor:
    """The larger of a and b; the other one where one is nan. The gradient goes to a where they are equal."""
    _, a, b, _, _ = operands("fmax", input, other)
    return where((a >= b) | _nan(b), a, b)


@composite
def fmin(input: Operand, other: Operand) -> Tensor:
    """The smaller of a and b; the other one where one is nan. The gradient goes to a where they are equal."""
    _, a, b, _, _ = operands("fmin", input, other)
    return where((a <= b) | _nan(b), a, b)


def _nan(b: Any) -> Any:
    return isnan(b) if isinstance(b, Tensor) else b != b


@composite
def deg2rad(input: Tensor) -> Tensor:
    """Degrees in radians."""
    return input * (pi / 180)


@composite
def rad2deg(input: Tensor) -> Tensor:
    """Radians in degrees."""
    return input * (180 / pi)


@composite
def sinc(input: Tensor) -> Tensor:
    """y = sin(pi x) / (pi x), 1 at 0. Floating x."""
    z = input * pi
    zero = z == 0
    safe = where(zero, 1.0, z)
    return where(zero, 1.0 - z * z / 6, safe.sin() / safe)


def signbit(input: Tensor) -> Tensor:
    """Whether each number is negative, or -0.0; bool."""
    xp = numeric_namespace("signbit", input)
    x = input.array
    return Tensor(xp.signbit(x) if input.is_floating_point() else x < 0)
