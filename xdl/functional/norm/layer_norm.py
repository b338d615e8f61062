"""Normalization of each sample by itself: layer and local response normalization.

    rows x (R, D)   mu, var (R,) of each row   gamma, beta (D,)

    xhat = (x - mu) / sqrt(var + eps)      y = gamma xhat + beta
    h = gamma g      dx = (h - mean h - xhat mean(h xhat)) / sqrt(var + eps)
    dgamma = sum over R of g xhat      dbeta = sum over R of g

Ba, Kiros and Hinton 2016 (layer); Krizhevsky, Sutskever and Hinton 2012, 3.3 (local response).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import SettingError, ShapeError
from xdl.functional.operands import floating
from xdl.functional.shape.pad import pad
from xdl.kernel import Kernel
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor


class LayerNormPair:
    """y = gamma xhat + beta for rows x (R, D); saved: x, gamma, mu and 1 / sqrt(var + eps)."""

    @staticmethod
    def forward(x: Array, gamma: Array | None, beta: Array | None, eps: float) -> tuple[Array, Any]:
        xp = namespaces[type(x)]
        mu = xp.mean(x, axis=1, keepdims=True)
        r = 1 / xp.sqrt(xp.mean((x - mu) ** 2, axis=1, keepdims=True) + eps)
        y = (x - mu) * r
        y = y if gamma is None else y * gamma
        return y if beta is None else y + beta, (x, gamma, mu, r)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array, Array, Array]:
        x, gamma, mu, r = saved
        xp = namespaces[type(g)]
        xhat = (x - mu) * r
        h = g if gamma is None else g * gamma
        dx = (h - xp.mean(h, axis=1, keepdims=True) - xhat * xp.mean(h * xhat, axis=1, keepdims=True)) * r
        return dx, xp.sum(g * xhat, axis=0), xp.sum(g, axis=0)


layer_norm_pair = Kernel("layer_norm", LayerNormPair)


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalizes over the last dimensions, those of normalized_shape; weight is gamma, bias beta, of that shape.

    Raises ShapeError where the shapes do not match, DtypeError.
    """
    floating("layer_norm", input=input, weight=weight, bias=bias)
    shape = tuple(normalized_shape)
    if not shape or input.shape[-len(shape) :] != shape:
        raise ShapeError("layer_norm", f"input whose last dimensions are {shape}", input.shape)
    for name, t in {"weight": weight, "bias": bias}.items():
        if t is not None and t.shape != shape:
            raise ShapeError("layer_norm", f"{name} {shape}", t.shape)
    d = prod(shape)
    gamma, beta = (None if t is None else t.reshape(d) for t in (weight, bias))
    if input.ndim == 2 and len(shape) == 1:
        return _rows(input, gamma, beta, eps)
    rows = input.reshape(prod(input.shape[: input.ndim - len(shape)]), d)
    return _rows(rows, gamma, beta, eps).reshape(input.shape)


def _rows(x: Tensor, gamma: Tensor | None, beta: Tensor | None, eps: float) -> Tensor:
    version, y, saved = layer_norm_pair(
        x.array, None if gamma is None else gamma.array, None if beta is None else beta.array, eps
    )
    plain = gamma is beta is None  # where y is xhat, which a version may save
    return record(y, (x, gamma, beta), partial(_layer_norm_rule, eps), saved, version, keep_y=plain)


def _layer_norm_rule(
    eps: float, needs: Any, g: Any, y: Any, saved: Any, x: Any, gamma: Any, beta: Any
) -> tuple[Any, ...]:
    centred = x - x.mean(1, True)
    r = 1 / ((centred * centred).mean(1, True) + eps).sqrt()
    xhat = centred * r
    h = g if gamma is None else g * gamma
    dx = (h - h.mean(1, True) - xhat * (h * xhat).mean(1, True)) * r
    return dx, (g * xhat).sum(0), g.sum(0)


@composite
def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """y_c = x_c / (k + alpha / size sum of x_d**2)**beta over the `size` channels d around c, zeros beyond the ends.

    input (N, C, ...). Raises ShapeError for fewer than 3 dimensions, SettingError for size < 1, DtypeError.
    """
    floating("local_response_norm", input=input)
    if input.ndim < 3:
        raise ShapeError("local_response_norm", "input (N, C, d1, ...)", input.shape)
    if size < 1:
        raise SettingError("local_response_norm", "size of at least 1", size)
    c = input.shape[1]
    squares = pad(input * input, [0, 0] * (input.ndim - 2) + [size // 2, (size - 1) // 2])
    total = squares[:, :c]
    for i in range(1, size):
        total = total + squares[:, i : i + c]
    return input / (total * (alpha / size) + k) ** beta
