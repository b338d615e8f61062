"""Variance and std, and norms.

`dim` is an int, a tuple of ints or None for all dimensions; `keepdim` leaves them with size 1. Floating x.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from xdl.backend import namespaces
from xdl.errors import SettingError
from xdl.functional import either
from xdl.functional.elementwise.convert import cast
from xdl.functional.elementwise.rounding import abs
from xdl.functional.operands import floating
from xdl.functional.reduce import reduce
from xdl.functional.reduce.extremes import amax, amin
from xdl.functional.reduce.reduce import Dim, dims_of, kept_shape
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


def var(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """y = sum (x - mu)**2 / (n - correction) for the mean mu of n elements; dy/dx = 2 (x - mu) / (n - correction).

    correction: 1, the default, for the unbiased variance of a sample, 0 for that of a population. nan where n <=
                correction. unbiased: True or False for 1 or 0; a bool in the place of dim is this one
    """
    dim, correction = corrected("var", dim, unbiased, correction)
    y, dims, scale = _variance("var", input, dim, correction, keepdim)
    y = namespaces[type(y)].astype(y, input.array.dtype)
    return record(y, (input,), partial(_var_rule, dims, scale))


def _var_rule(dims: tuple[int, ...], scale: float, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    n = math.prod([x.shape[d] for d in dims])
    difference = x - either.sum(x, dims, True) * (1 / n if n else 0.0)
    return (either.reshape(g, kept_shape(x.shape, dims)) * difference * (2 * scale),)


def std(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """y = the square root of `var`; dy/dx = (x - mu) / ((n - correction) y), 0 where y = 0."""
    dim, correction = corrected("std", dim, unbiased, correction)
    variance, dims, scale = _variance("std", input, dim, correction, keepdim)
    xp = namespaces[type(variance)]
    y = xp.astype(xp.sqrt(variance), input.array.dtype)
    return record(y, (input,), partial(_std_rule, dims, scale), keep_y=True)


def _std_rule(dims: tuple[int, ...], scale: float, needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    positive = either.raw(y) != 0
    h = either.where(positive, g / (either.where(positive, y, 1.0) * 2), 0.0)
    return _var_rule(dims, scale, needs, h, None, None, x)


def corrected(operation: str, dim: Dim | bool, unbiased: bool | None, correction: float | None) -> tuple[Dim, float]:
    """dim and the correction, from both spellings. Raises SettingError where both are given."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is None:
        return dim, 1 if correction is None else correction
    if correction is not None:
        raise SettingError(operation, "either unbiased or correction", f"{unbiased} and {correction}")
    return dim, int(unbiased)


def _variance(
    operation: str, input: Tensor, dim: Dim, correction: float, keepdim: bool
) -> tuple[Any, tuple[int, ...], float]:
    """The raw variances in float64, where no float32 overflows, the dimensions, and 1 / (n - correction)."""
    floating(operation, input=input)
    dims = dims_of(operation, input.ndim, dim) if input.ndim else ()
    xp = namespaces[type(input.array)]
    x = xp.astype(input.array, xp.float64)
    n = math.prod([x.shape[d] for d in dims])
    difference = x - xp.sum(x, axis=dims, keepdims=True) * (1 / n if n else 0.0)
    scale = 1 / (n - correction) if n > correction else math.nan
    return xp.sum(difference * difference, axis=dims, keepdims=keepdim) * scale, dims, scale


@composite
def norm(input: Tensor, p: float | str = "fro", dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """y = (sum |x|**p)**(1/p) over dim; dy/dx = sign x (|x| / y)**(p-1), 0 where y = 0.

    p: a number, or "fro" for 2; inf is the largest |x|, -inf the smallest (ties share the gradient), 0 the count of
    x that are not 0. dtype: what x is converted to first. Raises SettingError for another p, ShapeError for the
    largest of none.
    """
    if dtype is not None:
        input = cast(input, dtype)
    floating("norm", input=input)
    p = 2.0 if p == "fro" else p
    if isinstance(p, str):
        raise SettingError("norm", 'a number or "fro" as p', repr(p))
    if p == math.inf:
        return amax(abs(input), dim, keepdim)
    if p == -math.inf:
        return amin(abs(input), dim, keepdim)
    if p == 1:
        return reduce.sum(abs(input), dim, keepdim)
    dims = dims_of("norm", input.ndim, dim) if input.ndim else ()
    x, xp = input.array, namespaces[type(input.array)]
    if p == 0:
        y = xp.sum(xp.astype(x != 0, x.dtype), axis=dims, keepdims=keepdim)
    elif p == 2:
        y = xp.sqrt(xp.sum(x * x, axis=dims, keepdims=keepdim))
    else:
        y = xp.sum(xp.abs(x) ** p, axis=dims, keepdims=keepdim) ** (1 / p)
    return record(y, (input,), partial(_norm_rule, float(p), dims), keep_y=True)


def _norm_rule(p: float, dims: tuple[int, ...], needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    values = either.raw(x)
    if p == 0:
        return (either.constant(namespaces[type(values)].zeros_like(values), g),)
    kept = kept_shape(values.shape, dims)
    g, y = either.reshape(g, kept), either.reshape(y, kept)
    positive = either.raw(y) != 0
    scale = either.where(positive, g / either.where(positive, y, 1.0) ** (p - 1), 0.0)
    if p == 2:
        return (x * scale,)
    size = either.where(values != 0, either.abs(x), 1.0)
    sign = either.constant(namespaces[type(values)].sign(values), g)
    return (sign * size ** (p - 1) * scale,)
