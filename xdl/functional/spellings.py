"""Other names of functions, as PyTorch has them too: `concat` is `cat`; and functions that tell of a tensor."""

from __future__ import annotations

from typing import Any

from xdl.functional.elementwise.activation import relu
from xdl.functional.elementwise.arithmetic import Operand, div, ge, gt, le, lt, mul, ne, neg, sub
from xdl.functional.elementwise.elu import celu, elu, selu
from xdl.functional.elementwise.piecewise import hardtanh, leaky_relu, threshold
from xdl.functional.elementwise.rounding import abs, sign, trunc
from xdl.functional.elementwise.rrelu import rrelu
from xdl.functional.elementwise.trigonometric import acos, acosh, asin, asinh, atan, atan2, atanh
from xdl.functional.elementwise.where import clamp
from xdl.functional.in_place import in_place
from xdl.functional.reduce.reduce import all
from xdl.functional.shape.rearrange import movedim, swapaxes
from xdl.functional.shape.shape import cat
from xdl.observe import composite
from xdl.tensor import Tensor

absolute = abs
arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh = acos, acosh, asin, asinh, atan, atan2, atanh
clip = clamp
concat = concatenate = cat
divide = true_divide = div
fix = trunc
greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne
moveaxis = movedim
multiply = mul
negative = neg
sgn = sign
subtract = sub
swapdims = swapaxes

celu_, elu_, hardtanh_, leaky_relu_ = in_place(celu), in_place(elu), in_place(hardtanh), in_place(leaky_relu)
relu_, rrelu_, selu_, threshold_ = in_place(relu), in_place(rrelu), in_place(selu), in_place(threshold)

__all__ = [
    "absolute",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "celu_",
    "clamp_max",
    "clamp_min",
    "clip",
    "concat",
    "concatenate",
    "divide",
    "elu_",
    "equal",
    "fix",
    "greater",
    "greater_equal",
    "hardtanh_",
    "is_complex",
    "is_floating_point",
    "is_tensor",
    "leaky_relu_",
    "less",
    "less_equal",
    "moveaxis",
    "multiply",
    "negative",
    "not_equal",
    "numel",
    "relu_",
    "rrelu_",
    "selu_",
    "sgn",
    "subtract",
    "swapdims",
    "threshold_",
    "true_divide",
]


@composite
def clamp_min(input: Tensor, min: Operand) -> Tensor:
    """`clamp` from below."""
    return clamp(input, min)


@composite
def clamp_max(input: Tensor, max: Operand) -> Tensor:
    """`clamp` from above."""
    return clamp(input, None, max)


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have one shape and the same elements; a device has to be waited for."""
    return input.shape == other.shape and bool(all(input == other))


def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()


def is_tensor(obj: Any) -> bool:
    """Whether it is a Tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input: Tensor) -> bool:
    """Whether the dtype is float32 or float64."""
    return bool(input.is_floating_point())


def is_complex(input: Tensor) -> bool:
    """False: xdl has no complex numbers."""
    return bool(input.is_complex())
