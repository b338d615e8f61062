"""The end of a residual block: y = max(a + b, 0), of which a GPU makes one pass.

da = db = g where y != 0, else 0
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, kinds
from xdl.functional import either
from xdl.functional.elementwise.activation import relu, relu_pair
from xdl.kernel import Kernel
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor


class AddReluPair:
    """y = relu(a + b); saved: relu's version and what it saved. The backward gives the one gradient of both."""

    @staticmethod
    def forward(a: Array, b: Array) -> tuple[Array, Any]:
        version, y, saved = relu_pair(a + b)
        return y, (version, saved)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        version, of_relu = saved
        gradients: tuple[Array] = version.backward(g, of_relu, needs)
        return gradients


add_relu_pair = Kernel("add_relu", AddReluPair)


def add_relu(input: Tensor, other: Tensor) -> Tensor:
    """y = relu(a + b), nan where the sum is.

    Operands that do not share a shape and a floating dtype are added first, with all that `add` allows and raises.
    """
    if not alike(input, other):
        return relu(input + other)
    version, y, saved = add_relu_pair(input.array, other.array)
    return record(y, (edge(input), edge(other)), partial(_add_relu_rule, version, saved), keep_y=True)


def alike(input: Tensor, other: Tensor) -> bool:
    """Whether both have one shape, one floating dtype and one backend."""
    a, b = input.array, other.array
    return a.shape == b.shape and a.dtype == b.dtype and type(a) is type(b) and bool(kinds[a.dtype] == "float")


def _add_relu_rule(version: Any, kept: Any, needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    if isinstance(g, Tensor):
        dx = either.where(either.raw(y) != 0, g, 0.0)
    else:
        (dx,) = version.backward(g, kept, needs)
    return dx, dx
