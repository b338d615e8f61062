"""Sums with products of vectors and matrices, the cross product, and distances of all pairs."""

from __future__ import annotations

from xdl.errors import ShapeError
from xdl.functional.operands import broadcast_shape, floating, in_common_dtype
from xdl.functional.products.products import bmm, mv, outer
from xdl.functional.reduce.reduce import dims_of
from xdl.functional.reduce.statistics import norm
from xdl.functional.shape.rearrange import roll
from xdl.observe import composite
from xdl.tensor import Tensor

__all__ = ["addbmm", "addmv", "addr", "baddbmm", "cdist", "cross"]


@composite
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """y = beta x + alpha a b for each of a batch: a (B, N, K), b (B, K, M), x that broadcasts to (B, N, M)."""
    return _scaled("baddbmm", input, bmm(batch1, batch2), beta, alpha)


@composite
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """y = beta x + alpha times the sum of the products a b over a batch: a (B, N, K), b (B, K, M), x as (N, M)."""
    return _scaled("addbmm", input, bmm(batch1, batch2).sum(0), beta, alpha)


@composite
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """y = beta x + alpha a v for a (N, K), v (K,), x that broadcasts to (N,)."""
    return _scaled("addmv", input, mv(mat, vec), beta, alpha)


@composite
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """y = beta x + alpha u v^T for u (N,), v (M,), x that broadcasts to (N, M)."""
    return _scaled("addr", input, outer(vec1, vec2), beta, alpha)


def _scaled(operation: str, input: Tensor, product: Tensor, beta: float, alpha: float) -> Tensor:
    floating(operation, input=input, product=product)
    if broadcast_shape(operation, input.shape, product.shape) != product.shape:
        raise ShapeError(operation, f"input that broadcasts to {product.shape}", input.shape)
    scaled = product * alpha
    return scaled if beta == 0 else scaled + input * beta


@composite
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross product of 3-vectors along dim, by default the first dimension of size 3; others broadcast.

    y_i = a_(i+1) b_(i+2) - a_(i+2) b_(i+1). Raises ShapeError.
    """
    a, b = in_common_dtype([input, other])
    threes = [i for i, size in enumerate(a.shape) if size == 3]
    if dim is None and not threes:
        raise ShapeError("cross", "a dimension of size 3", a.shape)
    (d,) = dims_of("cross", a.ndim, threes[0] if dim is None else dim)
    if a.ndim != b.ndim or not a.ndim or (a.shape[d], b.shape[d]) != (3, 3):
        raise ShapeError("cross", f"vectors of three along dim {d}", f"{a.shape} and {b.shape}")
    return roll(a, -1, d) * roll(b, -2, d) - roll(a, -2, d) * roll(b, -1, d)


@composite
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0) -> Tensor:
    """The p-norm distances of all rows of x1 (..., N, D) to all of x2 (..., M, D): (..., N, M). Raises ShapeError."""
    floating("cdist", x1=x1, x2=x2)
    if min(x1.ndim, x2.ndim) < 2 or x1.shape[-1] != x2.shape[-1]:
        raise ShapeError("cdist", "x1 (..., N, D) and x2 (..., M, D)", f"{x1.shape} and {x2.shape}")
    return norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, dim=-1)
