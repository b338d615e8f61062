"""Arithmetic and comparison of two operands, with broadcasting: the operators of Tensor.

Operands are Tensors or Python numbers; shapes broadcast to the result's; dtypes follow `operands.py`.
The engine sums each gradient over the dimensions that its operand lacked.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, TypeAlias

from xdl import backend
from xdl.addition import total
from xdl.backend import kinds, namespaces
from xdl.errors import DataError, DtypeError, SettingError
from xdl.functional import either
from xdl.functional.elementwise.convert import cast
from xdl.functional.elementwise.division import divide
from xdl.functional.operands import no_tensor, operands, pair
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor

Operand: TypeAlias = Tensor | float


def add(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """a + alpha b; d/da = 1, d/db = alpha."""
    if alpha != 1:
        other = other * alpha
    kind, a, b, x, y = operands("add", input, other)
    return record(x | y if kind == "bool" else total(x, y), (edge(a), edge(b)), _add_rule)


def _add_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g, g


def sub(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """a - alpha b; d/da = 1, d/db = -alpha."""
    if alpha != 1:
        other = other * alpha
    kind, a, b, x, y = operands("sub", input, other)
    if kind == "bool":
        raise DtypeError("sub", "numbers", "two bool operands", "Use ^ or logical_xor()")
    return record(x - y, (edge(a), edge(b)), _sub_rule)


def _sub_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g, -g if needs[1] else None


def mul(input: Operand, other: Operand) -> Tensor:
    """a b; d/da = b, d/db = a."""
    kind, a, b, x, y = operands("mul", input, other)
    return record(x & y if kind == "bool" else x * y, (a, b), _mul_rule)


def _mul_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g * b if needs[0] else None, g * a if needs[1] else None


def div(input: Operand, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    """y = a / b, floating: of integers and bools float32; d/da = 1 / b, d/db = -a / b**2.

    rounding_mode: "floor" as `floor_divide`, "trunc" towards 0; both keep integers, and have no gradient. SettingError.
    """
    if rounding_mode is not None:
        return _rounded(input, other, rounding_mode)
    kind, a, b, x, y = operands("div", input, other)
    if kind != "float":
        _, a, b, x, y = pair("div", a, b, "float")
    return record(x / y, (a, b), _div_rule)


def _rounded(input: Operand, other: Operand, mode: str) -> Tensor:
    if mode not in ("floor", "trunc"):
        raise SettingError("div", "rounding_mode: None, 'floor' or 'trunc'", repr(mode))
    kind, a, b, x, y = operands("div", input, other)
    xp = namespaces[type(x if isinstance(a, Tensor) else y)]
    if kind != "float":
        check_integers("div", "integer divisors other than 0", y == 0)
    if kind == "float":
        z = divide("floor_divide", x, y) if mode == "floor" else xp.trunc(x / y)
        return record(z, (edge(a), edge(b)), partial(_rounded_rule, "div"))
    floor = x // y
    return Tensor(floor if mode == "floor" else floor + xp.astype((floor < 0) & (floor * y != x), floor.dtype))


def _rounded_rule(operation: str, needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g * 0, g * 0


def _div_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g / b if needs[0] else None, -g * (a / b / b) if needs[1] else None


def neg(input: Tensor) -> Tensor:
    """-a, of numbers. Raises DtypeError for bools."""
    if not isinstance(input, Tensor):
        raise no_tensor("neg", "input", input)
    if kinds[input.array.dtype] == "bool":
        raise DtypeError("neg", "numbers", "bool", "Use ~ or logical_not()")
    return record(-input.array, (edge(input),), _neg_rule)


def _neg_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    return (-g,)


def pow(input: Operand, exponent: Operand) -> Tensor:
    """y = a**b; d/da = b a**(b-1), d/db = y log a, which is 0 where a = 0 and b >= 0.

    Raises DataError for integers to a negative power; on a device where values are read next.
    """
    kind, a, b, x, y = operands("pow", input, exponent)
    if kind == "bool":
        _, a, b, x, y = operands("pow", *[cast(t, "int64") if isinstance(t, Tensor) else int(t) for t in (a, b)])
    if kind != "float":
        check_integers("pow", "exponents >= 0 of integers", y < 0)
    return record(_power(x, y), (a, b), _pow_rule, keep_y=True)


def _power(a: Any, b: Any) -> Any:
    """a**b of numbers, arrays or Tensors; roots as `sqrt`, nan for -inf, on every backend."""
    if not isinstance(b, float) or abs(b) != 0.5:
        return a**b
    return either.sqrt(a) if b > 0 else 1 / either.sqrt(a)


def check_integers(operation: str, expected: str, wrong: Any) -> None:
    """Raises DataError for True, the answer of a comparison of a number, or for an array with a True in it."""
    if not isinstance(wrong, bool):
        backend.of(wrong).check_values(operation, expected, wrong)
    elif wrong:
        raise DataError(operation, expected, "one outside", 'Convert with .to("float32")')


def _pow_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    ga = gb = None
    if needs[0]:
        # b a**(b-1) with the exponent 0 set apart: 0 * 0**(-1) would be nan
        zero = either.raw(b) == 0
        ga = g * b * _power(a, b - 1) if zero is False else g * 0 if zero is True else _pow_base(g, a, b, zero)
    if needs[1]:
        gb = _pow_exponent(g, y, a, b)
    return ga, gb


def _pow_base(g: Any, a: Any, b: Any, zero: Any) -> Any:
    return either.where(~zero, g * b * a ** either.where(~zero, b - 1, 0.0), 0.0)


def _pow_exponent(g: Any, y: Any, a: Any, b: Any) -> Any:
    """g y log a, and 0 for a = 0 where b >= 0."""
    if isinstance(a, float | int) and a:
        return g * y * (math.log(a) if a > 0 else math.nan)
    flat = (either.raw(a) == 0) & (either.raw(b) >= 0)
    log = -math.inf if isinstance(a, float | int) else either.log(either.where(~flat, a, 1.0))
    return either.where(~flat, g * either.where(~flat, y, 1.0) * log, 0.0)


def eq(input: Operand, other: Operand) -> Tensor:
    """a == b elementwise, bool."""
    _, _, _, x, y = operands("eq", input, other)
    return Tensor(x == y)


def ne(input: Operand, other: Operand) -> Tensor:
    """a != b elementwise, bool."""
    _, _, _, x, y = operands("ne", input, other)
    return Tensor(x != y)


def lt(input: Operand, other: Operand) -> Tensor:
    """a < b elementwise, bool."""
    _, _, _, x, y = operands("lt", input, other)
    return Tensor(x < y)


def le(input: Operand, other: Operand) -> Tensor:
    """a <= b elementwise, bool."""
    _, _, _, x, y = operands("le", input, other)
    return Tensor(x <= y)


def gt(input: Operand, other: Operand) -> Tensor:
    """a > b elementwise, bool."""
    _, _, _, x, y = operands("gt", input, other)
    return Tensor(x > y)


def ge(input: Operand, other: Operand) -> Tensor:
    """a >= b elementwise, bool."""
    _, _, _, x, y = operands("ge", input, other)
    return Tensor(x >= y)
