"""How a function of one operand, element by element, is recorded.

A function y = f(x) is its forward on raw arrays and its backward dx = g dy/dx, written with operators and `either`:

    def sin(input):
        return by_input("sin", input, lambda g, x: g * either.cos(x))

The forward is the array namespace's function of the operation's name unless one is given. What takes several passes
over the elements runs in the slot `pointwise`, so that a backend can keep the passes in its cache. Where value and
gradient are functions of a module, settings first (`partial(elu_value, alpha, scale, rate)`), a backend can also know
them and run a kernel of its own instead: one launch on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError
from xdl.functional import either
from xdl.functional.elementwise.convert import cast
from xdl.functional.operands import floating, no_tensor, same_backend
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


class PointwiseReference:
    """y = f(x, *more) for a function f of elements and arrays of one shape."""

    @staticmethod
    def forward(x: Array, f: Callable[..., Array], *more: Array) -> tuple[Array, None]:
        return f(x, *more), None


pointwise = Kernel("pointwise", PointwiseReference)

Forward = Callable[[Array], Array]
Back = Callable[[either.Either, either.Either], either.Either]


def by_input(operation: str, input: Tensor, back: Back, forward: Forward | None = None) -> Tensor:
    """y = f(x) for floating x, where back(g, x) = g dy/dx is written in terms of x.

    Integers and bools become float32.
    """
    xp, input = in_floats(operation, input)
    return record(_apply(xp, operation, forward, input.array), (input,), partial(_input_rule, operation, back))


def _input_rule(operation: str, back: Back, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (back(g, x) if isinstance(g, Tensor) else pointwise(g, back, x)[1],)


def by_output(operation: str, input: Tensor, back: Back, forward: Forward | None = None) -> Tensor:
    """y = f(x) as `by_input`, where back(g, y) = g dy/dx is written in terms of y, so that x can be freed."""
    xp, input = in_floats(operation, input)
    y = _apply(xp, operation, forward, input.array)
    return record(y, (input.node or input,), partial(_output_rule, operation, back), keep_y=True)


def _output_rule(operation: str, back: Back, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (back(g, y) if isinstance(g, Tensor) else pointwise(g, back, y)[1],)


def piecewise(operation: str, input: Tensor, slope: Forward, forward: Forward | None = None) -> Tensor:
    """y = f(x) for numbers x, linear by pieces: slope(x) is the raw array of dy/dx, a constant for second order."""
    xp = numeric_namespace(operation, input)
    rule = partial(_input_rule, operation, partial(by_slope, slope))
    return record(_apply(xp, operation, forward, input.array), (input,), rule)


def by_slope(slope: Forward, g: Any, x: Any) -> Any:
    """dx = g slope(x)."""
    return g * either.constant(slope(either.raw(x)), g)


def flat(operation: str, input: Tensor, forward: Forward | None = None) -> Tensor:
    """y = f(x) for numbers x, constant by pieces: dy/dx = 0."""
    xp = numeric_namespace(operation, input)
    return record(_apply(xp, operation, forward, input.array), (input.node or input,), partial(_flat_rule, operation))


def _flat_rule(operation: str, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    values = either.raw(g)
    return (either.constant(namespaces[type(values)].zeros_like(values), g),)


def _apply(xp: Any, operation: str, forward: Forward | None, x: Array) -> Array:
    return getattr(xp, operation)(x) if forward is None else pointwise(x, forward)[1]


def floating_namespace(operation: str, x: Tensor) -> Any:
    """The namespace of x. Raises DtypeError unless x is a floating Tensor."""
    if not isinstance(x, Tensor):
        raise no_tensor(operation, "input", x)
    if kinds[x.array.dtype] != "float":
        floating(operation, input=x)
    return namespaces[type(x.array)]


def in_floats(operation: str, x: Tensor) -> tuple[Any, Tensor]:
    """The namespace of x, and x in floating numbers: integers and bools become float32. Raises DtypeError."""
    if not isinstance(x, Tensor):
        raise no_tensor(operation, "input", x)
    x = x if kinds[x.array.dtype] == "float" else cast(x, "float32")
    return namespaces[type(x.array)], x


def numeric_namespace(operation: str, x: Tensor) -> Any:
    """The namespace of x. Raises DtypeError unless x is a Tensor of integers or floating numbers."""
    same_backend(operation, input=x)
    if kinds[x.array.dtype] == "bool":
        raise DtypeError(operation, "numbers", "bool", 'Convert with .to("int64")')
    return namespaces[type(x.array)]
