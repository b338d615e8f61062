"""Tests of values, logic and bits, element by element. Results have no gradient."""

from __future__ import annotations

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError
from xdl.functional.elementwise.arithmetic import Operand
from xdl.functional.elementwise.unary import numeric_namespace
from xdl.functional.operands import broadcast_shape, pair, same_backend
from xdl.tensor import Tensor


def isnan(input: Tensor) -> Tensor:
    """Whether each number is nan, bool."""
    return Tensor(numeric_namespace("isnan", input).isnan(input.array))


def isinf(input: Tensor) -> Tensor:
    """Whether each number is inf or -inf, bool."""
    return Tensor(numeric_namespace("isinf", input).isinf(input.array))


def isfinite(input: Tensor) -> Tensor:
    """Whether each number is neither infinite nor nan, bool."""
    return Tensor(numeric_namespace("isfinite", input).isfinite(input.array))


def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Whether |a - b| <= atol + rtol |b|, or a = b, or both are nan with equal_nan; bool."""
    xp, _, _, a, b = pair("isclose", input, other, "int", "float")
    if kinds[a.dtype] == "int":
        a, b = xp.astype(a, xp.float64), xp.astype(b, xp.float64)
    finite = xp.isfinite(a) & xp.isfinite(b)
    zero = xp.zeros((), dtype=a.dtype, device=a.device)
    difference = xp.abs(xp.where(finite, a, zero) - xp.where(finite, b, zero))
    close = (a == b) | (finite & (difference <= atol + rtol * xp.abs(b)))
    return Tensor(close | (xp.isnan(a) & xp.isnan(b)) if equal_nan else close)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close, as `isclose`. Reads one value from the device."""
    close = isclose(input, other, rtol, atol, equal_nan).array
    return bool(Tensor(namespaces[type(close)].all(close)))


def logical_not(input: Tensor) -> Tensor:
    """Whether each element is 0 or False."""
    return Tensor(~truth("logical_not", input))


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Whether both elements are true: not 0, not False. Any dtypes; shapes broadcast."""
    a, b = _truths("logical_and", input, other)
    return Tensor(a & b)


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Whether one element or both are true. Any dtypes; shapes broadcast."""
    a, b = _truths("logical_or", input, other)
    return Tensor(a | b)


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Whether exactly one element is true. Any dtypes; shapes broadcast."""
    a, b = _truths("logical_xor", input, other)
    return Tensor(a ^ b)


def truth(operation: str, input: Tensor) -> Array:
    """The raw bool array of what is not 0."""
    same_backend(operation, input=input)
    return input.array if kinds[input.array.dtype] == "bool" else input.array != 0


def _truths(operation: str, input: Tensor, other: Tensor) -> tuple[Array, Array]:
    same_backend(operation, input=input, other=other)
    broadcast_shape(operation, input.shape, other.shape)
    return truth(operation, input), truth(operation, other)


def bitwise_not(input: Tensor) -> Tensor:
    """~x: logical not of bools, all bits turned of integers. Raises DtypeError for floats."""
    if kinds[input.array.dtype] == "float":
        raise DtypeError("bitwise_not", "bools or integers", input.dtype)
    return Tensor(~input.array)


def bitwise_and(input: Operand, other: Operand) -> Tensor:
    """a & b of bools or of the bits of integers. Raises DtypeError for floats."""
    *_, a, b = pair("bitwise_and", input, other, "bool", "int")
    return Tensor(a & b)


def bitwise_or(input: Operand, other: Operand) -> Tensor:
    """a | b of bools or of the bits of integers. Raises DtypeError for floats."""
    *_, a, b = pair("bitwise_or", input, other, "bool", "int")
    return Tensor(a | b)


def bitwise_xor(input: Operand, other: Operand) -> Tensor:
    """a ^ b of bools or of the bits of integers. Raises DtypeError for floats."""
    *_, a, b = pair("bitwise_xor", input, other, "bool", "int")
    return Tensor(a ^ b)
