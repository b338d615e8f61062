"""Functions of one operand, element by element, and the choice between two: where."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.errors import DtypeError
from xdl.functional import either
from xdl.functional.arithmetic import Operand
from xdl.functional.operands import broadcast_shape, floating, operands, same_backend
from xdl.kernel import Kernel
from xdl.tape import edge, record
from xdl.tensor import Tensor


def exp(input: Tensor) -> Tensor:
    """y = e**x; dy/dx = y. Floating x of any shape."""
    return record(_floating("exp", input).exp(input.data), (input.node or input,), _exp_rule, keep_y=True)


def _exp_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g * y,)


def log(input: Tensor) -> Tensor:
    """y = ln x; dy/dx = 1 / x. Floating x of any shape."""
    return record(_floating("log", input).log(input.data), (input,), _log_rule)


def _log_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g / x,)


def sqrt(input: Tensor) -> Tensor:
    """y = x**(1/2); dy/dx = 1 / (2 y). Floating x of any shape."""
    return record(_floating("sqrt", input).sqrt(input.data), (input.node or input,), _sqrt_rule, keep_y=True)


def _sqrt_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g / (y * 2),)


def abs(input: Tensor) -> Tensor:
    """y = |x|; dy/dx = sign x, 0 at 0."""
    return record(namespaces[type(input.data)].abs(input.data), (input,), _abs_rule)


def _abs_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    values = either.raw(x)
    return (g * either.constant(namespaces[type(values)].sign(values), g),)


def tanh(input: Tensor) -> Tensor:
    """y = tanh x; dy/dx = 1 - y**2. Floating x of any shape."""
    return record(_floating("tanh", input).tanh(input.data), (input.node or input,), _tanh_rule, keep_y=True)


def _tanh_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g * (1 - y * y),)


def sigmoid(input: Tensor) -> Tensor:
    """y = 1 / (1 + e**-x), computed as (1 + tanh(x / 2)) / 2, which no x overflows; dy/dx = y (1 - y)."""
    y = _floating("sigmoid", input).tanh(input.data * 0.5)
    return record((y + 1) * 0.5, (input.node or input,), _sigmoid_rule, keep_y=True)


def _sigmoid_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g * y * (1 - y),)


class ReluPair:
    """y = max(x, 0); dx = g where y > 0, else 0."""

    @staticmethod
    def forward(x: Array) -> tuple[Array, Array]:
        xp = namespaces[type(x)]
        y = xp.where(x < 0, xp.asarray(0, dtype=x.dtype, device=x.device), x)
        return y, y

    @staticmethod
    def backward(g: Array, y: Array, needs: Any) -> tuple[Array]:
        return (either.where(y > 0, g, 0.0),)


relu_pair = Kernel("relu", ReluPair)


def relu(input: Tensor) -> Tensor:
    """y = max(x, 0), nan where x is nan; dy/dx = 1 where x > 0, else 0 (also at 0). Floating x of any shape."""
    _floating("relu", input)
    version, y, saved = relu_pair(input.data)
    return record(y, (input.node or input,), _relu_rule, saved, version, keep_y=True)


def _relu_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (either.where(either.raw(y) > 0, g, 0.0),)


def where(condition: Tensor, input: Operand, other: Operand) -> Tensor:
    """y = a where the bool condition holds, else b; all three broadcast. dy/da = condition, dy/db = not condition."""
    if not isinstance(condition, Tensor) or kinds[condition.data.dtype] != "bool":
        found = condition.dtype if isinstance(condition, Tensor) else type(condition).__name__
        raise DtypeError("where", "a bool Tensor as condition", found)
    if not isinstance(input, Tensor) and not isinstance(other, Tensor):
        raise DtypeError("where", "a Tensor as input or other", "two numbers")
    tensors = {"condition": condition, "input": input, "other": other}
    same_backend("where", **{name: t for name, t in tensors.items() if isinstance(t, Tensor)})
    a, b = operands("where", input, other)
    c = condition.data
    broadcast_shape("where", c.shape, getattr(a, "shape", ()), getattr(b, "shape", ()))
    return record(namespaces[type(c)].where(c, a, b), (c, edge(input), edge(other)), _where_rule)


def _where_rule(needs: Any, g: Any, y: Any, saved: Any, c: Any, a: Any, b: Any) -> tuple[None, Any, Any]:
    return None, either.where(c, g, 0.0) if needs[1] else None, either.where(~c, g, 0.0) if needs[2] else None


def _floating(operation: str, x: Tensor) -> Any:
    """The namespace of x. Raises DtypeError unless x is a floating Tensor."""
    if not isinstance(x, Tensor) or kinds[x.data.dtype] != "float":
        floating(operation, input=x)
    return namespaces[type(x.data)]
