"""Activations made of straight pieces, and Hardswish. Floating x of any shape, y of x's shape and dtype.

Where two pieces meet, dy/dx is that of the piece which the docstring gives the point to.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.broadcasting import sum_to
from xdl.errors import SettingError, ShapeError
from xdl.functional import either
from xdl.functional.elementwise.unary import by_input, floating_namespace, piecewise
from xdl.functional.in_place import in_place
from xdl.functional.operands import floating
from xdl.kernel import Kernel
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


def _indicator(condition: Array, like: Array) -> Array:
    """1 where the condition holds, else 0, in the dtype of `like`."""
    return namespaces[type(like)].astype(condition, like.dtype)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """y = x where x > 0, else a x for a = negative_slope (Maas et al. 2013); dy/dx = 1, or a."""
    if inplace:
        return in_place(leaky_relu)(input, negative_slope)
    floating_namespace("leaky_relu", input)
    slope, value = partial(leaky_relu_slope, negative_slope), partial(leaky_relu_value, negative_slope)
    return piecewise("leaky_relu", input, slope, value)


def leaky_relu_value(a: float, x: Array) -> Array:
    """y = x where x > 0, else a x: the larger of both for 0 < a <= 1."""
    if 0 < a <= 1:
        return namespaces[type(x)].maximum(x, x * a)
    return either.clip(x, 0.0, None) + either.clip(x, None, 0.0) * a


def leaky_relu_slope(a: float, x: Array) -> Array:
    """1 where x > 0, else a."""
    return _indicator(x > 0, x) * (1 - a) + a


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """y = x where x > 0, else w x (He et al. 2015): one w for all x, or one for each channel of x (N, C, ...).

    weight: (), (1,) or (C,). dy/dx = 1, or w; dy/dw = 0, or x. Raises ShapeError.
    """
    floating("prelu", input=input, weight=weight)
    channels = 1 if input.ndim < 2 else input.shape[1]
    if weight.ndim > 1 or weight.array.size not in {1, channels}:
        raise ShapeError("prelu", f"weight of 1 or {channels} numbers for input {input.shape}", weight.shape)
    w = weight.reshape([weight.array.size if i == 1 else 1 for i in range(input.ndim)])
    x = input.array
    if prelu_pair.has_version(x, w.array):
        version, y, saved = prelu_pair(x, w.array)
        return record(y, (input, w), _prelu_rule, saved, version)
    return record(_prelu(x, w.array), (input, w), _prelu_rule)


def _prelu(x: Array, w: Array) -> Array:
    return either.clip(x, 0.0, None) + either.clip(x, None, 0.0) * w


class PreluPair:
    """y of `prelu` for w (), (1,) or (1, C, 1, ...), which broadcasts to x; saved: x and w."""

    @staticmethod
    def forward(x: Array, w: Array) -> tuple[Array, tuple[Array, Array]]:
        return _prelu(x, w), (x, w)

    @staticmethod
    def backward(g: Array, saved: tuple[Array, Array], needs: Any) -> tuple[Array | None, Array | None]:
        dx, dw = _prelu_rule((True, True), g, None, None, *saved)
        return dx, sum_to(dw, saved[1].shape)


prelu_pair = Kernel("prelu", PreluPair)


def _prelu_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any, w: Any) -> tuple[Any, Any]:
    values = either.raw(x)
    positive = either.constant(_indicator(values > 0, values), g)
    slope = positive + (1 - positive) * w
    return g * slope if needs[0] else None, g * either.clip(x, None, 0.0) if needs[1] else None


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """y = x cut off at min_val and max_val; dy/dx = 1 where min_val < x < max_val, else 0.

    Raises SettingError unless min_val < max_val.
    """
    if inplace:
        return in_place(hardtanh)(input, min_val, max_val)
    if not min_val < max_val:
        raise SettingError("hardtanh", "min_val < max_val", f"{min_val} and {max_val}")
    floating_namespace("hardtanh", input)
    return piecewise("hardtanh", input, partial(clip_slope, min_val, max_val), partial(clip_value, min_val, max_val))


def clip_value(low: float, high: float, x: Array) -> Array:
    """y = x cut off at low and high."""
    return either.clip(x, low, high)


def clip_slope(low: float, high: float, x: Array) -> Array:
    """1 where low < x < high, else 0."""
    return _indicator((x > low) & (x < high), x)


@composite
def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """y = x cut off at 0 and 6; dy/dx = 1 where 0 < x < 6, else 0."""
    if inplace:
        return in_place(relu6)(input)
    return hardtanh(input, 0.0, 6.0)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """y = (x + 3) / 6 cut off at 0 and 1; dy/dx = 1/6 where -3 < x < 3, else 0."""
    if inplace:
        return in_place(hardsigmoid)(input)
    floating_namespace("hardsigmoid", input)
    return piecewise("hardsigmoid", input, hardsigmoid_slope, hardsigmoid_value)


def hardsigmoid_value(x: Array) -> Array:
    """y = (x + 3) / 6 cut off at 0 and 1."""
    return either.clip(x + 3, 0.0, 6.0) / 6


def hardsigmoid_slope(x: Array) -> Array:
    """1/6 where -3 < x < 3, else 0."""
    return clip_slope(-3, 3, x) / 6


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """y = x hardsigmoid x (Howard et al. 2019): 0, x (x + 3) / 6 or x.

    dy/dx = 0 for x <= -3, x / 3 + 1/2 between, 1 for x >= 3.
    """
    if inplace:
        return in_place(hardswish)(input)
    return by_input("hardswish", input, hardswish_gradient, hardswish_value)


def hardswish_value(x: Array) -> Array:
    """y = x (x + 3) / 6 with x cut off at -3, and the other factor at 6."""
    c = either.clip(x, -3.0, None)
    return c * (either.clip(c, None, 3.0) + 3) / 6


def hardswish_gradient(g: Any, x: Any) -> Any:
    """dx = g times 0, x / 3 + 1/2 or 1."""
    values = either.raw(x)
    inside = either.constant(clip_slope(-3, 3, values), g)
    above = either.constant(_indicator(values >= 3, values), g)
    return g * (inside * (either.clip(x, -3.0, 3.0) / 3 + 0.5) + above)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """y = x where |x| > lambd, else 0; dy/dx = 1, or 0."""
    floating_namespace("hardshrink", input)
    return piecewise("hardshrink", input, partial(shrink_slope, lambd), partial(hardshrink_value, lambd))


def hardshrink_value(lambd: float, x: Array) -> Array:
    """y = x where |x| > lambd, else 0."""
    return x * _indicator(~(abs(x) <= lambd), x)


def shrink_slope(lambd: float, x: Array) -> Array:
    """1 where |x| > lambd, else 0."""
    return _indicator(abs(x) > lambd, x)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """y = x moved by lambd towards 0, and 0 where |x| <= lambd; dy/dx = 1, or 0. Raises SettingError if lambd < 0."""
    if lambd < 0:
        raise SettingError("softshrink", "lambd >= 0", repr(lambd))
    floating_namespace("softshrink", input)
    return piecewise("softshrink", input, partial(shrink_slope, lambd), partial(softshrink_value, lambd))


def softshrink_value(lambd: float, x: Array) -> Array:
    """y = x moved by lambd towards 0, and 0 where |x| <= lambd."""
    return x - either.clip(x, -lambd, lambd)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """y = value where x <= threshold, else x; dy/dx = 0, or 1."""
    if inplace:
        return write_threshold(input, threshold, value)
    floating_namespace("threshold", input)
    slope, forward = partial(threshold_slope, threshold), partial(threshold_value, threshold, float(value))
    return piecewise("threshold", input, slope, forward)


def threshold_value(threshold: float, value: float, x: Array) -> Array:
    """y = value where x <= threshold, else x."""
    return namespaces[type(x)].where(x <= threshold, value, x)


def threshold_slope(threshold: float, x: Array) -> Array:
    """0 where x <= threshold, else 1."""
    return _indicator(~(x <= threshold), x)


write_threshold = in_place(threshold)  # `threshold` has an argument of that name
