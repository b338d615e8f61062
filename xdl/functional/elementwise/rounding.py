"""Sign, size and whole part of numbers, and division with remainder. Numbers of any shape, integers too."""

from __future__ import annotations

from builtins import abs as builtin_abs
from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.functional import either
from xdl.functional.elementwise.arithmetic import Operand, check_integers
from xdl.functional.elementwise.division import divide
from xdl.functional.elementwise.unary import flat, floating_namespace, piecewise
from xdl.functional.operands import pair
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor


def abs(input: Tensor) -> Tensor:
    """y = |x|; dy/dx = sign x, 0 at 0."""
    return piecewise("abs", input, _sign)


def _sign(x: Array) -> Array:
    return namespaces[type(x)].sign(x)


def sign(input: Tensor) -> Tensor:
    """y = 1, 0 or -1 as x is positive, 0 or negative, nan where x is; dy/dx = 0."""
    return flat("sign", input)


def floor(input: Tensor) -> Tensor:
    """y = the largest whole number <= x; dy/dx = 0."""
    return flat("floor", input)


def ceil(input: Tensor) -> Tensor:
    """y = the smallest whole number >= x; dy/dx = 0."""
    return flat("ceil", input)


def trunc(input: Tensor) -> Tensor:
    """y = x without its fraction, towards 0; dy/dx = 0."""
    return flat("trunc", input)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """y = x rounded to whole numbers, or to `decimals` digits after the point; halves go to even; dy/dx = 0.

    Raises DtypeError for integers with decimals other than 0.
    """
    if decimals == 0:
        return flat("round", input)
    xp = floating_namespace("round", input)
    unit = 10.0 ** -builtin_abs(decimals)
    return flat("round", input, lambda x: xp.round(x / unit) * unit if decimals > 0 else xp.round(x * unit) / unit)


def frac(input: Tensor) -> Tensor:
    """y = x - trunc x, floating x; dy/dx = 1."""
    xp = floating_namespace("frac", input)
    return record(input.array - xp.trunc(input.array), (edge(input),), _frac_rule)


def _frac_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g,)


def remainder(input: Operand, other: Operand) -> Tensor:
    """y = a - b floor(a / b): Python's %, with the sign of b; dy/da = 1, dy/db = -floor(a / b).

    Raises DataError for integers modulo 0; on a device where values are read next.
    """
    _, a, b, x, y = pair("remainder", input, other, "int", "float")
    check_divisor("remainder", y)
    return record(divide("remainder", x, y), (a, b), _remainder_rule)


def _remainder_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g, g * either.constant(-divide("floor_divide", either.raw(a), either.raw(b)), g) if needs[1] else None


def fmod(input: Operand, other: Operand) -> Tensor:
    """y = a - b trunc(a / b): C's fmod, with the sign of a; dy/da = 1, dy/db = -trunc(a / b)."""
    _, a, b, x, y = pair("fmod", input, other, "int", "float")
    check_divisor("fmod", y)
    return record(divide("fmod", x, y), (a, b), _fmod_rule)


def _fmod_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    if not needs[1]:
        return g, None
    q = either.raw(a) / either.raw(b)
    return g, g * either.constant(-namespaces[type(q)].trunc(q), g)


def floor_divide(input: Operand, other: Operand) -> Tensor:
    """y = floor(a / b): Python's //; not differentiable.

    Raises DataError for integers divided by 0; on a device where values are read next.
    """
    _, _, _, x, y = pair("floor_divide", input, other, "int", "float")
    check_divisor("floor_divide", y)
    return Tensor(divide("floor_divide", x, y))


def check_divisor(operation: str, divisor: Any) -> None:
    """Raises DataError for an integer divisor 0; on a device where values are read next."""
    if isinstance(divisor, int) or kinds.get(getattr(divisor, "dtype", None)) == "int":
        check_integers(operation, "integer divisors other than 0", divisor == 0)
