"""Arithmetic and comparison of two operands, with broadcasting: the operators of Tensor.

Operands are Tensors or Python numbers; shapes broadcast to the result's; dtypes follow `operands.py`.
The engine sums each gradient over the dimensions that its operand lacked.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from xdl.backend import dtype_name, kinds
from xdl.errors import DtypeError
from xdl.functional import either
from xdl.functional.operands import operands
from xdl.tape import edge, record
from xdl.tensor import Tensor

Operand: TypeAlias = Tensor | float


def add(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """a + alpha b; d/da = 1, d/db = alpha."""
    if alpha != 1:
        other = other * alpha
    a, b = operands("add", input, other)
    return record(a + b, (edge(input), edge(other)), _add_rule)


def _add_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g, g


def sub(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """a - alpha b; d/da = 1, d/db = -alpha."""
    if alpha != 1:
        other = other * alpha
    a, b = operands("sub", input, other)
    return record(a - b, (edge(input), edge(other)), _sub_rule)


def _sub_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g, -g if needs[1] else None


def mul(input: Operand, other: Operand) -> Tensor:
    """a b; d/da = b, d/db = a."""
    a, b = operands("mul", input, other)
    return record(a * b, (input, other), _mul_rule)


def _mul_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g * b if needs[0] else None, g * a if needs[1] else None


def div(input: Operand, other: Operand) -> Tensor:
    """y = a / b for floating a and b; d/da = 1 / b, d/db = -a / b**2."""
    a, b = operands("div", input, other)
    x = a if isinstance(input, Tensor) else b
    if kinds[x.dtype] != "float":
        raise DtypeError("div", "a floating dtype", dtype_name(x), 'Convert with .to("float32")')
    return record(a / b, (input, other), _div_rule)


def _div_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    return g / b if needs[0] else None, -g * a / (b * b) if needs[1] else None


def neg(input: Tensor) -> Tensor:
    """-a."""
    return record(-input.data, (edge(input),), _neg_rule)


def _neg_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any) -> tuple[Any]:
    return (-g,)


def pow(input: Operand, exponent: Operand) -> Tensor:
    """y = a**b; d/da = b a**(b-1), d/db = y log a, which is 0 where a = 0."""
    a, b = operands("pow", input, exponent)
    return record(a**b, (input, exponent), _pow_rule, keep_y=True)


def _pow_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    ga = gb = None
    if needs[0]:
        # b a**(b-1) with the exponent 0 set apart: 0 * 0**(-1) would be nan
        zero = either.raw(b) == 0
        ga = g * b * a ** (b - 1) if zero is False else g * 0 if zero is True else _pow_base(g, a, b, zero)
    if needs[1]:
        gb = g * y * _safe_log(a)
    return ga, gb


def _pow_base(g: Any, a: Any, b: Any, zero: Any) -> Any:
    return either.where(~zero, g * b * a ** either.where(~zero, b - 1, 0.0), 0.0)


def _safe_log(a: Any) -> Any:
    if isinstance(a, float | int):
        return math.log(a) if a else 0.0
    return either.log(either.where(either.raw(a) != 0, a, 1.0))


def eq(input: Operand, other: Operand) -> Tensor:
    """a == b elementwise, bool."""
    a, b = operands("eq", input, other)
    return Tensor(a == b)


def ne(input: Operand, other: Operand) -> Tensor:
    """a != b elementwise, bool."""
    a, b = operands("ne", input, other)
    return Tensor(a != b)


def lt(input: Operand, other: Operand) -> Tensor:
    """a < b elementwise, bool."""
    a, b = operands("lt", input, other)
    return Tensor(a < b)


def le(input: Operand, other: Operand) -> Tensor:
    """a <= b elementwise, bool."""
    a, b = operands("le", input, other)
    return Tensor(a <= b)


def gt(input: Operand, other: Operand) -> Tensor:
    """a > b elementwise, bool."""
    a, b = operands("gt", input, other)
    return Tensor(a > b)


def ge(input: Operand, other: Operand) -> Tensor:
    """a >= b elementwise, bool."""
    a, b = operands("ge", input, other)
    return Tensor(a >= b)
