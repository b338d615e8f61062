"""Smooth activations, and ReLU. Floating x of any shape, y of x's shape and dtype.

No x overflows: exponentials are only taken of numbers <= 0 or cut off. At infinity y and dy/dx are their limits.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import ShapeError
from xdl.functional import either
from xdl.functional.elementwise.unary import by_input, by_output, floating_namespace
from xdl.functional.in_place import in_place
from xdl.functional.reduce.reduce import dims_of
from xdl.functional.reduce.softmax import softmax
from xdl.kernel import Kernel
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor

FAR = 1e4  # e**-FAR is 0


class ReluPair:
    """y = max(x, 0); dx = 0 where y = 0, else g, also where y is nan."""

    @staticmethod
    def forward(x: Array) -> tuple[Array, Array]:
        xp = namespaces[type(x)]
        y = xp.where(x < 0, 0, x)
        return y, y

    @staticmethod
    def backward(g: Array, y: Array, needs: Any) -> tuple[Array]:
        return (either.where(y != 0, g, 0.0),)


relu_pair = Kernel("relu", ReluPair)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """y = max(x, 0), nan where x is nan; dy/dx = 0 where x <= 0, else 1."""
    if inplace:
        return in_place(relu)(input)
    floating_namespace("relu", input)
    version, y, saved = relu_pair(input.array)
    return record(y, (input.node or input,), _relu_rule, saved, version, keep_y=True)


def _relu_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (either.where(either.raw(y) != 0, g, 0.0),)


def sigmoid(input: Tensor) -> Tensor:
    """y = 1 / (1 + e**-x), exact for small y too; dy/dx = y (1 - y)."""
    return by_output("sigmoid", input, sigmoid_gradient, either.sigmoid)


def sigmoid_gradient(g: Any, y: Any) -> Any:
    """dx = g y (1 - y)."""
    return g * y * (1 - y)


def logsigmoid(input: Tensor) -> Tensor:
    """y = ln sigmoid x = min(x, 0) - ln (1 + e**-|x|); dy/dx = sigmoid(-x)."""
    floating_namespace("logsigmoid", input)
    return by_input("logsigmoid", input, logsigmoid_gradient, logsigmoid_value)


def logsigmoid_value(x: Array) -> Array:
    """y = min(x, 0) - ln (1 + e**-|x|)."""
    xp = namespaces[type(x)]
    return xp.minimum(x, 0.0) - xp.log1p(xp.exp(-xp.abs(x)))


def logsigmoid_gradient(g: Any, x: Any) -> Any:
    """dx = g sigmoid(-x)."""
    return g * either.sigmoid(-x)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """y = ln (1 + e**(b x)) / b for b = beta, and y = x where b x > threshold; dy/dx = sigmoid(b x), or 1."""
    floating_namespace("softplus", input)
    gradient, value = partial(softplus_gradient, beta, threshold), partial(softplus_value, beta, threshold)
    return by_input("softplus", input, gradient, value)


def softplus_value(beta: float, threshold: float, x: Array) -> Array:
    """y = ln (1 + e**(b x)) / b, or x where b x > threshold."""
    xp, z = namespaces[type(x)], x * beta
    return xp.where(z > threshold, x, xp.log1p(xp.exp(xp.minimum(z, threshold))) / beta)


def softplus_gradient(beta: float, threshold: float, g: Any, x: Any) -> Any:
    """dx = g sigmoid(b x), or g where b x > threshold."""
    z = x * beta
    return g * either.where(~(either.raw(z) > threshold), either.sigmoid(z), 1.0)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """y = x s for s = sigmoid x (Elfwing et al. 2018; also named swish); dy/dx = s + x s (1 - s)."""
    if inplace:
        return in_place(silu)(input)
    return by_input("silu", input, silu_gradient, silu_value)


def silu_value(x: Array) -> Array:
    """y = x s."""
    return either.clip(x, -FAR, None) * either.sigmoid(x)


def silu_gradient(g: Any, x: Any) -> Any:
    """dx = g (s + x s (1 - s))."""
    s = either.sigmoid(x)
    return g * (s + either.clip(x, -FAR, FAR) * s * (1 - s))


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """y = x w for w = tanh ln (1 + e**x) = n / (n + 2), n = e**x (e**x + 2) (Misra 2019).

    dy/dx = w + x (1 - w**2) sigmoid x.
    """
    if inplace:
        return in_place(mish)(input)
    return by_input("mish", input, mish_gradient, mish_value)


def mish_value(x: Array) -> Array:
    """y = x w."""
    return either.clip(x, -FAR, None) * _mish_weight(x)


def mish_gradient(g: Any, x: Any) -> Any:
    """dx = g (w + x (1 - w**2) sigmoid x)."""
    w = _mish_weight(x)
    return g * (w + either.clip(x, -FAR, FAR) * (1 - w * w) * either.sigmoid(x))


def _mish_weight(x: Any) -> Any:
    e = either.exp(either.clip(x, None, 20.0))  # from 20 on w is 1 in float64
    n = e * (e + 2)
    return n / (n + 2)


def softsign(input: Tensor) -> Tensor:
    """y = x / (1 + |x|); dy/dx = 1 / (1 + |x|)**2."""
    return by_input("softsign", input, softsign_gradient, softsign_value)


def softsign_value(x: Array) -> Array:
    """y = x / (1 + |x|), of infinite x as of the largest number."""
    xp = namespaces[type(x)]
    limits = xp.finfo(x.dtype)
    x = either.clip(x, float(limits.min), float(limits.max))
    return x / (xp.abs(x) + 1)


def softsign_gradient(g: Any, x: Any) -> Any:
    """dx = g / (1 + |x|)**2."""
    t = 1 / (either.abs(x) + 1)
    return g * t * t


def tanhshrink(input: Tensor) -> Tensor:
    """y = x - tanh x; dy/dx = tanh(x)**2."""
    return by_input("tanhshrink", input, tanhshrink_gradient, tanhshrink_value)


def tanhshrink_value(x: Array) -> Array:
    """y = x - tanh x."""
    return x - either.tanh(x)


def tanhshrink_gradient(g: Any, x: Any) -> Any:
    """dx = g tanh(x)**2."""
    t = either.tanh(x)
    return g * t * t


@composite
def glu(input: Tensor, dim: int = -1) -> Tensor:
    """y = a sigmoid(b) for the halves a and b of x along dim (Dauphin et al. 2017).

    Raises ShapeError for an odd size along dim.
    """
    floating_namespace("glu", input)
    (d,) = dims_of("glu", input.ndim, dim)
    size = input.shape[d] if input.ndim else 1
    if size % 2:
        raise ShapeError("glu", "an even size along dim", f"{size} of shape {input.shape}")
    before = (slice(None),) * d
    a, b = input[(*before, slice(0, size // 2))], input[(*before, slice(size // 2, size))]
    return a * sigmoid(b)


@composite
def softmin(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """y = softmax(-x) along dim."""
    return softmax(-input, dim, dtype)
