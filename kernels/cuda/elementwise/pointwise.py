"""Functions of elements on a GPU: activations, bounds and the end of a residual block in one launch each way.

Other functions take the array library's own kernels, one an operation.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from xdl.addition import AdditionPair, addition_pair
from xdl.backend import Array, dtype_name
from xdl.functional import either
from xdl.functional.elementwise.activation import relu_pair
from xdl.functional.elementwise.add_relu import add_relu_pair
from xdl.functional.elementwise.gelu import GeluPair, gelu_pair
from xdl.functional.elementwise.unary import PointwiseReference, pointwise

from ..signature import REALS
from ..slots import PRIORITY, dense, device_of, register
from .formulas import NUMBERS, activation_backward, activation_forward, add_relu, formula_of

RELU = NUMBERS["relu"], ()
CLIP = NUMBERS["clip"]


def _known(x: Array, f: Callable[..., Array], *more: Array) -> bool:
    return dtype_name(x) in REALS and len(more) < 2 and formula_of(f) is not None


def _real(x: Array, low: float | None, high: float | None) -> bool:
    del low, high
    return dtype_name(x) in REALS


register(addition_pair)(AdditionPair)
register(pointwise)(PointwiseReference)
register(either.clip_slot)(either.ClipReference)
register(gelu_pair)(GeluPair)


@register(pointwise, when=_known, why="formulas of activation.cu", priority=PRIORITY + 1)
class pointwise_formula:
    """y = f(x), or dx = f(g, x)."""

    @staticmethod
    def forward(x: Array, f: Callable[..., Array], *more: Array) -> tuple[Array, None]:
        formula: Any = formula_of(f)
        if more:
            return activation_backward(device_of(x), dense(x), dense(more[0]), formula), None
        return activation_forward(device_of(x), dense(x), formula), None


@register(either.clip_slot, when=_real, why="float32 or float64", priority=PRIORITY + 1)
class clip_formula:
    """y = x, or the bound that it is beyond."""

    @staticmethod
    def forward(x: Array, low: float | None, high: float | None) -> tuple[Array, None]:
        bounds = -inf if low is None else low, inf if high is None else high
        return activation_forward(device_of(x), dense(x), (CLIP, bounds)), None


@register(relu_pair)
class relu_cuda:
    """y = max(x, 0); saved: y."""

    @staticmethod
    def forward(x: Array) -> tuple[Array, Array]:
        y = activation_forward(device_of(x), dense(x), RELU)
        return y, y

    @staticmethod
    def backward(g: Array, y: Array, needs: Any) -> tuple[Array]:
        return (activation_backward(device_of(g), dense(g), dense(y), RELU),)


@register(add_relu_pair, when=lambda a, *_: dtype_name(a) in REALS, why="float32 or float64")
class add_relu_cuda:
    """y = relu(a + b); saved: y."""

    @staticmethod
    def forward(a: Array, b: Array) -> tuple[Array, Array]:
        y = add_relu(device_of(a), dense(a), dense(b))
        return y, y

    backward = relu_cuda.backward
