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
from xdl.functional.operands import floating
from xdl.functional.reduce.reduce import Dim, dims_of
from xdl.functional.reduce.running import linear_scan, part, running
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
            return _sums(x, d), (d, reverse)
        flipped = (*(slice(None),) * d, slice(None, None, -1), ...)
        return _sums(x[flipped], d)[flipped], (d, reverse)

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
    x = _numbers(input.array)
    y = running(x, d, "prod")[1] if x.shape else x
    return record(y, (input,), partial(_cumprod_rule, d), keep_y=True)


def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """y_i = ln(e**x_1 + ... + e**x_i) along dim, without overflow, for floating x.

    dx_i = e**(x_i - y_i) s_i with s_i = g_i + e**(y_i - y_(i+1)) s_(i+1), whose powers are at most 1.
    """
    floating("logcumsumexp", input=input)
    (d,) = dims_of("logcumsumexp", input.ndim, dim)
    if not input.ndim:
        return input * 1
    y = running(input.array, d, "logsumexp")[1]
    y = namespaces[type(y)].asarray(y, copy=True) if y is input.array else y
    return record(y, (input,), partial(_logcumsumexp_rule, d), keep_y=True)


def _logcumsumexp_rule(d: int, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    n = x.shape[d]
    if not n:
        return (g,)
    values = either.raw(x)
    largest = float(
        namespaces[type(values)].finfo(values.dtype).max
    )  # in the place of infinity, which has no differences
    x, y = either.clip(x, -largest, largest), either.clip(y, -largest, largest)
    s = linear_scan(either.exp(part(y, d, 0, n - 1) - part(y, d, 1, n)), g, d, True)
    return (either.exp(x - y) * s,)


def _sums(x: Array, d: int) -> Array:
    """Running sums along d."""
    x = _numbers(x)
    return namespaces[type(x)].cumulative_sum(x, axis=d) if x.shape else x


def _numbers(x: Array) -> Array:
    """x itself, or int64 of integers and bools."""
    xp = namespaces[type(x)]
    return x if kinds[x.dtype] == "float" else xp.astype(x, xp.int64)


def _cumprod_rule(d: int, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    n = x.shape[d] if x.shape else 0
    if n <= 1:
        return (g,)
    s = linear_scan(part(x, d, 1, n), g, d, True)
    return (_join(d, part(s, d, 0, 1), part(y, d, 0, n - 1) * part(s, d, 1, n)),)


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
    a, b, last = part(x, d, 0, half), part(x, d, half, 2 * half), part(x, d, 2 * half, n)
    outside = _others(_join(d, a * b, last), g)
    pairs, alone = part(outside, d, 0, half), part(outside, d, half, n - half)
    return _join(d, pairs * b, pairs * a, alone)


def _join(d: int, *parts: Any) -> Any:
    """Arrays or Tensors joined along d."""
    return cat(parts, d) if isinstance(parts[0], Tensor) else namespaces[type(parts[0])].concat(parts, axis=d)
