"""Smooth activations, and ReLU. Floating x of any shape, y of x's shape and dtype.

No x overflows: exponentials are only taken of numbers <= 0 or cut off. At infinity y and dy/dx are their limits.
"""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import SettingError, ShapeError
from xdl.functional import either
from xdl.functional.elementwise.unary import by_input, by_output, floating_namespace
from xdl.functional.in_place import in_place
from xdl.functional.reduce.reduce import dims_of
from xdl.functional.reduce.softmax import softmax
from xdl.kernel import Kernel
from xdl.observe import composite
from xdl.tape import record
from xdl.tensor import Tensor

SELU_ALPHA, SELU_SCALE = 1.6732632423543773, 1.0507009873554805
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
    return by_output("sigmoid", input, lambda g, y: g * y * (1 - y), either.sigmoid)


def logsigmoid(input: Tensor) -> Tensor:
    """y = ln sigmoid x = min(x, 0) - ln (1 + e**-|x|); dy/dx = sigmoid(-x)."""
    xp = floating_namespace("logsigmoid", input)
    return by_input(
        "logsigmoid",
        input,
        lambda g, x: g * either.sigmoid(-x),
        lambda x: xp.minimum(x, 0.0) - xp.log1p(xp.exp(-xp.abs(x))),
    )


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """y = ln (1 + e**(b x)) / b for b = beta, and y = x where b x > threshold; dy/dx = sigmoid(b x), or 1."""

    xp = floating_namespace("softplus", input)

    def forward(x: Array) -> Array:
        z = x * beta
        return xp.where(z > threshold, x, xp.log1p(xp.exp(xp.minimum(z, threshold))) / beta)

    def back(g: Any, x: Any) -> Any:
        z = x * beta
        return g * either.where(~(either.raw(z) > threshold), either.sigmoid(z), 1.0)

    return by_input("softplus", input, back, forward)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """y = x s for s = sigmoid x (Elfwing et al. 2018; also named swish); dy/dx = s + x s (1 - s)."""
    if inplace:
        return in_place(silu)(input)

    def back(g: Any, x: Any) -> Any:
        s = either.sigmoid(x)
        return g * (s + either.clip(x, -FAR, FAR) * s * (1 - s))

    return by_input("silu", input, back, lambda x: either.clip(x, -FAR, None) * either.sigmoid(x))


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """y = x w for w = tanh ln (1 + e**x) = n / (n + 2), n = e**x (e**x + 2) (Misra 2019).

    dy/dx = w + x (1 - w**2) sigmoid x.
    """
    if inplace:
        return in_place(mish)(input)

    def weight(x: Any) -> Any:
        e = either.exp(either.clip(x, None, 20.0))  # from 20 on w is 1 in float64
        n = e * (e + 2)
        return n / (n + 2)

    def back(g: Any, x: Any) -> Any:
        w = weight(x)
        return g * (w + either.clip(x, -FAR, FAR) * (1 - w * w) * either.sigmoid(x))

    return by_input("mish", input, back, lambda x: either.clip(x, -FAR, None) * weight(x))


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """y = x where x > 0, else a (e**x - 1) for a = alpha (Clevert et al. 2016); dy/dx = 1, or a e**x."""
    if inplace:
        return in_place(elu)(input, alpha)
    return _elu("elu", input, alpha, 1.0, 1.0)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """y = x where x > 0, else a (e**(x / a) - 1) for a = alpha (Barron 2017); dy/dx = 1, or e**(x / a).

    Raises SettingError unless alpha > 0.
    """
    if inplace:
        return in_place(celu)(input, alpha)
    if not alpha > 0:
        raise SettingError("celu", "alpha > 0", repr(alpha))
    return _elu("celu", input, alpha, 1.0, 1 / alpha)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """y = s elu(x, a), the self-normalizing s and a of Klambauer et al. 2017."""
    if inplace:
        return in_place(selu)(input)
    return _elu("selu", input, SELU_ALPHA, SELU_SCALE, 1.0)


def _elu(operation: str, input: Tensor, alpha: float, scale: float, rate: float) -> Tensor:
    """y = scale x where x > 0, else scale alpha (e**(rate x) - 1)."""
    xp = floating_namespace(operation, input)

    def forward(x: Array) -> Array:
        return either.clip(x, 0.0, None) * scale + xp.expm1(either.clip(x, None, 0.0) * rate) * (alpha * scale)

    def back(g: Any, x: Any) -> Any:
        values, at_zero = either.raw(x), alpha * scale * rate
        step = either.constant(xp.astype(values > 0, values.dtype) * (scale - at_zero), g)
        return g * (either.exp(either.clip(x, None, 0.0) * rate) * at_zero + step)

    return by_input(operation, input, back, forward)


def softsign(input: Tensor) -> Tensor:
    """y = x / (1 + |x|); dy/dx = 1 / (1 + |x|)**2."""

    def forward(x: Array) -> Array:
        x = either.clip(x, *_finite_range(x))
        return x / (namespaces[type(x)].abs(x) + 1)

    def back(g: Any, x: Any) -> Any:
        t = 1 / (either.abs(x) + 1)
        return g * t * t

    return by_input("softsign", input, back, forward)


def _finite_range(x: Array) -> tuple[float, float]:
    limits = namespaces[type(x)].finfo(x.dtype)
    return float(limits.min), float(limits.max)


def tanhshrink(input: Tensor) -> Tensor:
    """y = x - tanh x; dy/dx = tanh(x)**2."""

    def back(g: Any, x: Any) -> Any:
        t = either.tanh(x)
        return g * t * t

    return by_input("tanhshrink", input, back, lambda x: x - either.tanh(x))


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
