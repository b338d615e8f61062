"""Lengths, angles and distances of vectors along one dimension.

normalize           x / max(|x|_p, eps)
cosine_similarity   a . b / (max(|a|, eps) max(|b|, eps))
pairwise_distance   |a - b + eps|_p
bilinear            y_k = a^T w_k b + c_k
"""

from __future__ import annotations

from math import prod

from xdl.backend import namespaces
from xdl.errors import ShapeError
from xdl.functional.operands import broadcast_shape, floating, in_one_floating
from xdl.functional.reduce.reduce import dims_of
from xdl.functional.reduce.statistics import norm
from xdl.observe import composite
from xdl.tensor import Tensor


@composite
def normalize(input: Tensor, p: float = 2.0, dim: int | tuple[int, ...] = 1, eps: float = 1e-12) -> Tensor:
    """x / max(|x|_p, eps), with the p-norm over dim. Raises ShapeError for a dim out of range, DtypeError."""
    return input / norm(input, p, dim, keepdim=True).clamp(eps)


@composite
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between x1 and x2 along dim; both broadcast. Lengths below eps count as eps.

    Raises ShapeError, DtypeError.
    """
    x1, x2 = in_one_floating("cosine_similarity", x1=x1, x2=x2)
    shape = broadcast_shape("cosine_similarity", x1.shape, x2.shape)
    (d,) = dims_of("cosine_similarity", len(shape), dim)
    units = []
    for x in (x1.expand(shape), x2.expand(shape)):
        length = norm(x, 2.0, d, keepdim=True)
        missing = eps - length.array  # raw: a short vector's length keeps its own derivative
        units.append(x / (length + Tensor(namespaces[type(missing)].where(missing > 0, missing, 0.0))))
    return (units[0] * units[1]).sum(d)


@composite
def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """|x1 - x2 + eps|_p along the last dimension, for (N, D) or (D,), which broadcast.

    Raises ShapeError, DtypeError.
    """
    x1, x2 = in_one_floating("pairwise_distance", x1=x1, x2=x2)
    return norm(x1 - x2 + eps, p, -1, keepdim)


@composite
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """y_k = a^T w_k b + c_k for a = input1 (..., I), b = input2 (..., J), w = weight (K, I, J), c = bias (K,).

    y has shape (..., K). Raises ShapeError where sizes do not fit, DtypeError.
    """
    floating("bilinear", input1=input1, input2=input2, weight=weight, bias=bias)
    if input1.ndim == 0 or input2.ndim == 0 or input1.shape[:-1] != input2.shape[:-1]:
        raise ShapeError("bilinear", "inputs (..., I) and (..., J)", f"{input1.shape} and {input2.shape}")
    if weight.ndim != 3 or weight.shape[1:] != (input1.shape[-1], input2.shape[-1]):
        raise ShapeError("bilinear", f"weight (K, {input1.shape[-1]}, {input2.shape[-1]})", weight.shape)
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ShapeError("bilinear", f"bias ({weight.shape[0]},)", bias.shape)
    (k, i, j), rows = weight.shape, prod(input1.shape[:-1])
    a, b = input1.reshape(rows, i), input2.reshape(rows, j)
    half = (a @ weight.permute(1, 0, 2).reshape(i, k * j)).reshape(rows, k, j)
    y = (half * b.reshape(rows, 1, j)).sum(2).reshape(*input1.shape[:-1], k)
    return y if bias is None else y + bias
