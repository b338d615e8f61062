"""Softmax and its logarithm along one dimension.

    y_i = e**x_i / sum_j e**x_j          dx = y (g - sum_j g_j y_j)
    l_i = x_i - log sum_j e**x_j         dx = g - e**l sum_j g_j

The maximum is subtracted first, so that no x overflows (Goodfellow et al., Deep Learning, 4.1).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.functional import either
from xdl.functional.elementwise.convert import cast
from xdl.functional.operands import floating
from xdl.functional.reduce.reduce import dims_of
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


class SoftmaxPair:
    """y = softmax(x) along dim; saved: y and dim."""

    @staticmethod
    def forward(x: Array, dim: int) -> tuple[Array, tuple[Array, int]]:
        xp = namespaces[type(x)]
        e = xp.exp(x - xp.max(x, axis=dim, keepdims=True))
        y = e / xp.sum(e, axis=dim, keepdims=True)
        return y, (y, dim)

    @staticmethod
    def backward(g: Array, saved: tuple[Array, int], needs: Any) -> tuple[Array]:
        y, dim = saved
        gy = g * y
        return (gy - y * namespaces[type(g)].sum(gy, axis=dim, keepdims=True),)


softmax_pair = Kernel("softmax", SoftmaxPair)


class LogSoftmaxPair:
    """y = log softmax(x) along dim; saved: y and dim."""

    @staticmethod
    def forward(x: Array, dim: int) -> tuple[Array, tuple[Array, int]]:
        xp = namespaces[type(x)]
        z = x - xp.max(x, axis=dim, keepdims=True)
        y = z - xp.log(xp.sum(xp.exp(z), axis=dim, keepdims=True))
        return y, (y, dim)

    @staticmethod
    def backward(g: Array, saved: tuple[Array, int], needs: Any) -> tuple[Array]:
        y, dim = saved
        xp = namespaces[type(g)]
        return (g - xp.exp(y) * xp.sum(g, axis=dim, keepdims=True),)


log_softmax_pair = Kernel("log_softmax", LogSoftmaxPair)


def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """y = e**x / sum of e**x along dim, for floating x of any shape. Raises ShapeError for a dim out of range."""
    if dtype is not None:
        input = cast(input, dtype)
    d = _dim("softmax", input, dim)
    if not input.array.size:
        return input * 1
    version, y, saved = softmax_pair(input.array, d)
    return record(y, (input.node or input,), partial(_softmax_rule, d), saved, version, keep_y=True)


def _softmax_rule(d: int, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    gy = g * y
    return (gy - y * either.sum(gy, d, True),)


def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """y = x - log sum of e**x along dim, for floating x of any shape. Raises ShapeError for a dim out of range."""
    if dtype is not None:
        input = cast(input, dtype)
    d = _dim("log_softmax", input, dim)
    if not input.array.size:
        return input * 1
    version, y, saved = log_softmax_pair(input.array, d)
    return record(y, (input.node or input,), partial(_log_softmax_rule, d), saved, version, keep_y=True)


def _log_softmax_rule(d: int, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g - either.exp(y) * either.sum(g, d, True),)


def _dim(operation: str, input: Tensor, dim: int) -> int:
    floating(operation, input=input)
    return dims_of(operation, input.ndim, dim)[0]
