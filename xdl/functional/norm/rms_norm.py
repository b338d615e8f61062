"""Root mean square normalization: each sample divided by its size, without a mean and without a shift.

    x (..., D)   gamma (D,)   r = 1 / sqrt(mean(x**2) + eps), the mean over D

    xhat = x r                  y = gamma xhat
    h = gamma g                 dx = (h - xhat mean(h xhat)) r
    dgamma = sum of g xhat over all but D

Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import ShapeError
from xdl.functional import either
from xdl.functional.elementwise.convert import cast
from xdl.functional.operands import one_floating, same_backend
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor


class RmsNormPair:
    """y = gamma xhat over the last k dimensions of x; saved: xhat, r, gamma and k."""

    @staticmethod
    def forward(x: Array, gamma: Array | None, k: int, eps: float) -> tuple[Array, Any]:
        r = _scale(x, k, eps)
        xhat = x * r
        return xhat if gamma is None else xhat * gamma, (xhat, r, gamma, k)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        xhat, r, gamma, k = saved
        dx, dgamma = _gradients(g, xhat, r, gamma, k, needs)
        rest = tuple(range(g.ndim - k))
        return dx, None if gamma is None or dgamma is None else either.sum(dgamma, rest)


rms_norm_pair = Kernel("rms_norm", RmsNormPair)


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Normalizes over the last dimensions, those of normalized_shape (D in the module docstring); weight is gamma.

    y has input's dtype.

    eps: by default the distance from 1 to the next number of input's dtype

    Raises ShapeError where the shapes do not match, DtypeError.
    """
    same_backend("rms_norm", input=input, weight=weight)
    one_floating("rms_norm", input=input)
    if weight is not None:
        one_floating("rms_norm", weight=weight)
        weight = cast(weight, input.dtype)
    shape = tuple(normalized_shape)
    if not shape or input.shape[-len(shape) :] != shape:
        raise ShapeError("rms_norm", f"input whose last dimensions are {shape}", input.shape)
    if weight is not None and weight.shape != shape:
        raise ShapeError("rms_norm", f"weight {shape}", weight.shape)
    x = input.array
    if eps is None:
        eps = float(namespaces[type(x)].finfo(x.dtype).eps)
    k = len(shape)
    version, y, saved = rms_norm_pair(x, None if weight is None else weight.array, k, eps)
    plain = weight is None  # then y is xhat, which backward reads
    return record(y, (input, weight), partial(_rms_norm_rule, k, eps), saved, version, keep_y=plain)


def _scale(x: Any, k: int, eps: float) -> Any:
    """r, with k dimensions of size 1 at its end."""
    dims = tuple(range(-k, 0))
    return 1 / either.sqrt(either.sum(x * x, dims, True) / prod(x.shape[-k:]) + eps)


def _rms_norm_rule(k: int, eps: float, needs: Any, g: Any, y: Any, saved: Any, x: Any, gamma: Any) -> tuple[Any, Any]:
    r = _scale(x, k, eps)
    return _gradients(g, x * r, r, gamma, k, needs)


def _gradients(g: Any, xhat: Any, r: Any, gamma: Any, k: int, needs: Any) -> tuple[Any, Any]:
    """dx, and what dgamma is the sum of."""
    dx = None
    if needs[0]:
        h, dims = g if gamma is None else g * gamma, tuple(range(-k, 0))
        dx = (h - xhat * (either.sum(h * xhat, dims, True) / prod(xhat.shape[-k:]))) * r
    return dx, g * xhat if needs[1] else None
