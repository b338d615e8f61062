"""A linear layer and its activation in one: y = f(z), z = x w^T + b.

dz = g f'(z)          dx = dz w          dw = dz^T x          db = sum over N of dz

See `xdl/functional/elementwise/following.py`.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from xdl import backend
from xdl.backend import Array
from xdl.functional.elementwise.following import F, apply, before, followed, kept, reads_y
from xdl.functional.products.linear import linear, linear_pair
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor

LinearActivationPair = followed(linear_pair)
linear_activation_pair = Kernel("linear_activation", LinearActivationPair)


def linear_activation(input: Tensor, weight: Tensor, bias: Tensor | None, f: F) -> Tensor:
    """y = f(x w^T + b) for input x (..., I), weight w (O, I), bias b (O,): y (..., O). f: see `following.py`.

    Arguments that the slot does not take go to `linear` and f, which say what is wrong with them.
    """
    if not isinstance(input, Tensor) or input.ndim < 2 or _other(input, weight, bias):
        return apply(f, linear(input, weight, bias))
    if input.ndim > 2:
        flat = input.reshape(prod(input.shape[:-1]), input.shape[-1])
        return linear_activation(flat, weight, bias, f).reshape(*input.shape[:-1], weight.shape[0])
    version, y, saved = linear_activation_pair(input.array, weight.array, None if bias is None else bias.array, f)
    rule = partial(_linear_activation_rule, f, kept(version, saved))
    return record(y, (input, weight, bias), rule, saved, version, keep_y=reads_y(f))


def _other(input: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    """Whether shapes, dtypes or devices do not fit."""
    x, w = input.array, weight.array
    return (
        backend.several_cards
        or type(x) is not type(w)
        or x.dtype != w.dtype
        or len(w.shape) != 2
        or x.shape[-1] != w.shape[1]
        or (bias is not None and (bias.array.shape != w.shape[:1] or bias.array.dtype != x.dtype))
    )


def _linear_activation_rule(
    f: F, z: Array | None, needs: Any, g: Any, y: Any, saved: Any, x: Any, w: Any, b: Any
) -> Any:
    dz = before(f, g, y, z, lambda: linear(x, w, b))
    return dz @ w, dz.mT @ x, dz.sum(0)
