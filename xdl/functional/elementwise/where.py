"""Choices and blends of two or three operands, element by element, with broadcasting."""

from __future__ import annotations

from typing import Any, overload

from xdl.backend import dtype_of, kinds, namespaces
from xdl.errors import DtypeError, SettingError
from xdl.functional import either
from xdl.functional.elementwise.arithmetic import Operand, add, div, mul
from xdl.functional.elementwise.unary import floating_namespace
from xdl.functional.operands import broadcast_shape, operands, pair, same_backend
from xdl.node import edge
from xdl.observe import composite, host_read
from xdl.promotion import result_type
from xdl.tape import record
from xdl.tensor import Tensor


@overload
def where(condition: Tensor) -> tuple[Tensor, ...]: ...
@overload
def where(condition: Tensor, input: Operand, other: Operand) -> Tensor: ...
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """y = a where the bool condition holds, else b; all three broadcast. dy/da = condition, dy/db = not condition.
    A uint8 condition counts as bool, as do uint8 Tensors as indices: they are PyTorch's older masks.

    The condition alone gives the coordinates of its elements that are not 0, as `nonzero(condition, as_tuple=True)`.
    """
    if input is None and other is None:
        x = condition.array
        host_read("where", x)
        return tuple(map(Tensor, namespaces[type(x)].nonzero(x if x.shape else x[None])))
    if isinstance(condition, Tensor) and condition.dtype == "uint8":
        condition = condition != 0
    if not isinstance(condition, Tensor) or kinds[condition.array.dtype] != "bool":
        found = condition.dtype if isinstance(condition, Tensor) else type(condition).__name__
        raise DtypeError("where", "a bool Tensor as condition", found)
    if not isinstance(input, Tensor) and not isinstance(other, Tensor):
        input = _filled(condition, input, result_type(input, other, "where"))
    tensors = {"condition": condition, "input": input, "other": other}
    same_backend("where", **{name: t for name, t in tensors.items() if isinstance(t, Tensor)})
    _, a, b, x, y = operands("where", input, other)
    c = condition.array
    broadcast_shape("where", c.shape, getattr(x, "shape", ()), getattr(y, "shape", ()))
    return record(namespaces[type(c)].where(c, x, y), (condition, edge(a), edge(b)), _where_rule)


def _filled(like: Tensor, number: float, dtype: str) -> Tensor:
    """A 0-d tensor beside `like`."""
    xp = namespaces[type(like.array)]
    return Tensor(xp.full((), number, dtype=dtype_of(xp, dtype), device=like.array.device))


def _where_rule(needs: Any, g: Any, y: Any, saved: Any, c: Any, a: Any, b: Any) -> tuple[None, Any, Any]:
    c = either.raw(c)
    return None, either.where(c, g, 0.0) if needs[1] else None, either.where(~c, g, 0.0) if needs[2] else None


def maximum(input: Operand, other: Operand) -> Tensor:
    """y = the larger of a and b, nan where one is; the gradient goes to the larger, half to each where they tie."""
    kind, a, b, x, y = operands("maximum", input, other)
    if kind == "bool":
        return Tensor(x | y)
    return record(namespaces[type(x if isinstance(a, Tensor) else y)].maximum(x, y), (a, b), _maximum_rule)


def _maximum_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    a, b = either.raw(a), either.raw(b)
    return _split(g, a < b, a == b) if needs[0] else None, _split(g, b < a, a == b) if needs[1] else None


def _split(g: Any, lost: Any, tied: Any) -> Any:
    """g, half of it where the operands tie, none where this one lost."""
    return either.where(~lost, either.where(~tied, g, 0.0) + either.where(tied, g * 0.5, 0.0), 0.0)


def minimum(input: Operand, other: Operand) -> Tensor:
    """y = the smaller of a and b, nan where one is; the gradient goes to the smaller, half to each where they tie."""
    kind, a, b, x, y = operands("minimum", input, other)
    if kind == "bool":
        return Tensor(x & y)
    return record(namespaces[type(x if isinstance(a, Tensor) else y)].minimum(x, y), (a, b), _minimum_rule)


def _minimum_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    a, b = either.raw(a), either.raw(b)
    return _split(g, a > b, a == b) if needs[0] else None, _split(g, b > a, a == b) if needs[1] else None


def clamp(input: Tensor, min: Operand | None = None, max: Operand | None = None) -> Tensor:
    """y = the smaller of max and the larger of min and x; each bound is a number, a Tensor or None for no bound.

    dy/dx = 1 where min <= x <= max; elsewhere the gradient goes to the bound. Raises SettingError without a bound.
    """
    if min is None and max is None:
        raise SettingError("clamp", "min, max or both", "neither")
    y = input
    if min is not None:
        xp, a, b, x, bound = pair("clamp", y, min, "int", "float")
        y = record(xp.maximum(x, bound), (a, b), _clamp_rule, keep_y=True)
    if max is not None:
        xp, a, b, x, bound = pair("clamp", y, max, "int", "float")
        y = record(xp.minimum(x, bound), (a, b), _clamp_rule, keep_y=True)
    return y


def _clamp_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any, bound: Any) -> tuple[Any, Any]:
    inside = either.raw(y) == either.raw(x)
    return either.where(inside, g, 0.0) if needs[0] else None, either.where(~inside, g, 0.0) if needs[1] else None


def lerp(input: Tensor, end: Tensor, weight: Operand) -> Tensor:
    """y = x + w (end - x), floating: x at w = 0, end at w = 1; dx = g (1 - w), dend = g w, dw = g (end - x)."""
    floating_namespace("lerp", input)
    _, a, b, x, y = operands("lerp", input, end)
    _, b, weight, _, w = operands("lerp", b, weight)
    broadcast_shape("lerp", x.shape, y.shape, getattr(w, "shape", ()))
    return record(x * (1 - w) + y * w, (a, b, weight), _lerp_rule)


def _lerp_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any, end: Any, w: Any) -> tuple[Any, Any, Any]:
    return g * (1 - w) if needs[0] else None, g * w if needs[1] else None, g * (end - x) if needs[2] else None


@composite
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value tensor1 tensor2."""
    product = mul(tensor1, tensor2)
    return add(input, product if value == 1 else mul(product, value))


@composite
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value tensor1 / tensor2, floating."""
    quotient = div(tensor1, tensor2)
    return add(input, quotient if value == 1 else mul(quotient, value))


def nan_to_num(input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """y = x with nan, inf and -inf replaced, by default with 0 and the largest and smallest finite numbers.

    dy/dx = 1 where x is finite, else 0.
    """
    xp = floating_namespace("nan_to_num", input)
    x, limits = input.array, xp.finfo(input.array.dtype)
    y = xp.where(xp.isnan(x), float(nan), x)
    y = xp.where(x == float("inf"), float(limits.max if posinf is None else posinf), y)
    y = xp.where(x == -float("inf"), float(limits.min if neginf is None else neginf), y)
    return record(y, (input,), _nan_to_num_rule)


def _nan_to_num_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    values = either.raw(x)
    return (either.where(namespaces[type(values)].isfinite(values), g, 0.0),)
