"""Sums and products along one dimension, and the product of all elements. Products of zeros have exact gradients:

no rule divides by x, and all rules are made of products, so that they can be differentiated again.
"""

from __future__ import annotations

from functools import partial
from math import prod as count
from typing import Any

from xdl.backend import Array, kinds, namespaces
from xdl.functional import either
from xdl.functional.elementwise.convert import cast
from xdl.functional.reduce.reduce import Dim, dims_of
from xdl.functional.shape.shape import cat
from xdl.kernel import Kernel
from xdl.node import edge
from xdl.tape import record
from xdl.tensor import Tensor


def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """y_i = x_1 + ... + x_i along dim; dx_i = g_i + ... + g_n. Integers and bools give int64."""
    if dtype is not None:
        return cast(cumsum(cast(input, dtype), dim), dtype)
    (d,) = dims_of("cumsum", input.ndim, dim)
    return _cumsum(input, d, reverse=False)


def _cumsum(x: Tensor, d: int, reverse: bool) -> Tensor:
    version, y, saved = cumsum_pair(x.array, d, reverse)
    return record(y, (edge(x),), partial(_cumsum_rule, d, reverse), saved, version)


def _cumsum_rule(d: int, reverse: bool, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (_cumsum(g, d, not reverse),)


class CumsumPair:
    """y_i = x_1 + ... + x_i along d, or x_i + ... + x_n in reverse; saved: d and reverse."""

    @staticmethod
    def forward(x: Array, d: int, reverse: bool) -> tuple[Array, Any]:
        if not reverse or not x.shape:
            return _running("cumulative_sum", x, d), (d, reverse)
        flipped = (*(slice(None),) * d, slice(None, None, -1), ...)
        return _running("cumulative_sum", x[flipped], d)[flipped], (d, reverse)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        d, reverse = saved
        dx = CumsumPair.forward(g, d, not reverse)[0]
        return (namespaces[type(g)].asarray(g, copy=True) if dx is g else dx,)


cumsum_pair = Kernel("cumsum", CumsumPair)


def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """y_i = x_1 ... x_i along dim; dx_k = x_1 ... x_(k-1) s_k with s_k = g_k + x_(k+1) s_(k+1).

    Integers and bools give int64.
    """
    if dtype is not None:
        return cast(cumprod(cast(input, dtype), dim), dtype)
    (d,) = dims_of("cumprod", input.ndim, dim)
    return record(_running("cumulative_prod", input.array, d), (input,), partial(_cumprod_rule, d))


def _running(name: str, x: Array, d: int) -> Array:
    """A running sum or product along d."""
    xp = namespaces[type(x)]
    x = x if kinds[x.dtype] == "float" else xp.astype(x, xp.int64)
    return getattr(xp, name)(x, axis=d) if x.shape else x


def _cumprod_rule(d: int, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    n = x.shape[d] if x.shape else 0
    if n <= 1:
        return (g,)
    part = partial(_part, d)
    before = cumprod(x, d) if isinstance(x, Tensor) else _running("cumulative_prod", x, d)
    # s by doubling: after each step s_k holds the terms up to k + step, and a_k the product x_(k+1) ... x_(k+step)
    s, a, step = g, part(x, 1, n), 1
    while step < n:
        ahead = part(s, 0, n - step) + part(a, 0, n - step) * part(s, step, n)
        s = _join(d, ahead, part(s, n - step, n))
        if 2 * step < n:
            a = part(a, 0, n - 2 * step) * part(a, step, n - step)
        step *= 2
    return (_join(d, part(s, 0, 1), part(before, 0, n - 1) * part(s, 1, n)),)


def prod(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """y = the product of x over dim; dy/dx = the product of the others. Integers and bools give int64; 1 for none."""
    if dtype is not None:
        return cast(prod(cast(input, dtype), dim, keepdim), dtype)
    dims = dims_of("prod", input.ndim, dim) if input.ndim else ()
    x, xp = input.array, namespaces[type(input.array)]
    x = x if kinds[x.dtype] == "float" else xp.astype(x, xp.int64)
    return record(xp.prod(x, axis=dims, keepdims=keepdim), (input,), partial(_prod_rule, dims))


def _prod_rule(dims: tuple[int, ...], needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    rest = tuple([i for i in range(len(x.shape)) if i not in dims])
    order = (*rest, *dims)
    outer, inner = [x.shape[i] for i in rest], [x.shape[i] for i in dims]
    rows = either.reshape(either.permute(x, order), (*outer, count(inner)))
    others = _others(rows, either.reshape(g, (*outer, 1)))
    back = tuple([order.index(i) for i in range(len(order))])
    return (either.permute(either.reshape(others, (*outer, *inner)), back),)


def _others(x: Any, g: Any) -> Any:
    """g times the product of all other elements along the last dimension, by halves: pairs first, then inside them."""
    n = x.shape[-1]
    if n <= 1:
        return g if n else x
    d, half = len(x.shape) - 1, n // 2
    a, b, last = _part(d, x, 0, half), _part(d, x, half, 2 * half), _part(d, x, 2 * half, n)
    outside = _others(_join(d, a * b, last), g)
    pairs, alone = _part(d, outside, 0, half), _part(d, outside, half, n - half)
    return _join(d, pairs * b, pairs * a, alone)


def _part(d: int, x: Any, start: int, stop: int) -> Any:
    """The elements from start to stop along d."""
    return x[(*(slice(None),) * d, slice(start, stop), ...)]


def _join(d: int, *parts: Any) -> Any:
    """Arrays or Tensors joined along d."""
    return cat(parts, d) if isinstance(parts[0], Tensor) else namespaces[type(parts[0])].concat(parts, axis=d)
