"""Products: the linear layer and matmul.

N rows, I inputs, O outputs
x (N, I)   w (O, I)   b (O,)   y (N, O)

y = x w^T + b
dx = g w          dw = g^T x          db = sum over N of g
"""

from __future__ import annotations

from math import prod
from typing import Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import ShapeError
from xdl.functional import either
from xdl.functional.operands import broadcast_shape, floating, no_tensor
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


class LinearPair:
    """y = x w^T + b for x (N, I), w (O, I), b (O,) or None."""

    @staticmethod
    def forward(x: Array, w: Array, b: Array | None) -> tuple[Array, tuple[Array, Array]]:
        y = x @ w.T
        if b is not None:
            y += b
        return y, (x, w)

    @staticmethod
    def backward(g: Array, saved: tuple[Array, Array], needs: Any) -> tuple[Array | None, ...]:
        x, w = saved
        db = namespaces[type(g)].sum(g, axis=0) if needs[2] else None
        return g @ w if needs[0] else None, g.T @ x if needs[1] else None, db


linear_pair = Kernel("linear", LinearPair)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """y = x w^T + b for input x (..., I), weight w (O, I), bias b (O,): y (..., O).

    Raises ShapeError where sizes do not fit, DtypeError unless all share one floating dtype.
    """
    try:
        x, w, b = input.array, weight.array, None if bias is None else bias.array
        outputs, inputs = w.shape
    except (AttributeError, ValueError):
        _check(input, weight, bias)
        raise
    if len(x.shape) != 2 or x.shape[1] != inputs or x.dtype != w.dtype or type(x) is not type(w):
        _check(input, weight, bias)
        return linear(input.reshape(prod(x.shape[:-1]), x.shape[-1]), weight, bias).reshape(*x.shape[:-1], outputs)
    if backend.several_cards or (b is not None and (b.shape != (outputs,) or b.dtype != x.dtype)):
        _check(input, weight, bias)
    version, y, saved = linear_pair(x, w, b)
    return record(y, (input, weight, bias), _linear_rule, saved, version)


def _linear_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any, w: Any, b: Any) -> tuple[Any, Any, Any]:
    return g @ w, g.mT @ x, g.sum(0)


def _check(input: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    for name, t in (("input", input), ("weight", weight)):
        if not isinstance(t, Tensor):
            raise no_tensor("linear", name, t)
    floating("linear", input=input, weight=weight, bias=bias)
    if weight.ndim != 2:
        raise ShapeError("linear", "weight (out_features, in_features)", weight.shape)
    if input.ndim == 0 or input.shape[-1] != weight.shape[1]:
        raise ShapeError(
            "linear", "input.shape[-1] == weight.shape[1]", f"input {input.shape} and weight {weight.shape}"
        )
    if bias is not None and bias.shape != (weight.shape[0],):
        raise ShapeError("linear", f"bias ({weight.shape[0]},)", bias.shape)


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """y = a b: the matrix product over the last two dimensions, batch dimensions broadcast.

    a (..., N, K), b (..., K, M): y (..., N, M). A vector a counts as (1, K), a vector b as (K, 1), and the added
    dimension is removed again. da = g b^T, db = a^T g. Raises ShapeError, DtypeError.
    """
    if not isinstance(input, Tensor) or not isinstance(other, Tensor):
        name, found = ("other", other) if isinstance(input, Tensor) else ("input", input)
        raise no_tensor("matmul", name, found)
    floating("matmul", input=input, other=other)
    if input.ndim == 0 or other.ndim == 0:
        raise ShapeError("matmul", "operands with at least one dimension", f"{input.shape} and {other.shape}")
    if input.ndim == 1:
        return matmul(input.reshape(1, -1), other).squeeze(-1 if other.ndim == 1 else -2)
    if other.ndim == 1:
        return matmul(input, other.reshape(-1, 1)).squeeze(-1)
    if input.shape[-1] != other.shape[-2]:
        raise ShapeError("matmul", "input.shape[-1] == other.shape[-2]", f"{input.shape} and {other.shape}")
    broadcast_shape("matmul", input.shape[:-2], other.shape[:-2])
    return record(either.matmul(input.array, other.array), (input, other), _matmul_rule)


def _matmul_rule(needs: Any, g: Any, y: Any, saved: Any, a: Any, b: Any) -> tuple[Any, Any]:
    da = either.matmul(g, either.mT(b)) if needs[0] else None
    return da, either.matmul(either.mT(a), g) if needs[1] else None
