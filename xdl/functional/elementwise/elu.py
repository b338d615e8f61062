"""ELU and its relatives: linear where x > 0, an exponential that goes to a constant elsewhere. Floating x of any shape.

y = s x where x > 0, else s a (e**(r x) - 1)          dy/dx = s, or s a r e**(r x)

ELU: alpha a. CELU: a and r = 1 / a. SELU: fixed a and scale s.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import SettingError
from xdl.functional import either
from xdl.functional.elementwise.unary import by_input, floating_namespace
from xdl.functional.in_place import in_place
from xdl.tensor import Tensor

SELU_ALPHA, SELU_SCALE = 1.6732632423543773, 1.0507009873554805


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
    floating_namespace(operation, input)
    gradient, value = partial(elu_gradient, alpha, scale, rate), partial(elu_value, alpha, scale, rate)
    return by_input(operation, input, gradient, value)


def elu_value(alpha: float, scale: float, rate: float, x: Array) -> Array:
    """y = scale x where x > 0, else scale alpha (e**(rate x) - 1)."""
    low = namespaces[type(x)].expm1(either.clip(x, None, 0.0) * rate)
    return either.clip(x, 0.0, None) * scale + low * (alpha * scale)


def elu_gradient(alpha: float, scale: float, rate: float, g: Any, x: Any) -> Any:
    """dx = g scale where x > 0, else g scale alpha rate e**(rate x)."""
    values, at_zero = either.raw(x), alpha * scale * rate
    step = either.constant(namespaces[type(values)].astype(values > 0, values.dtype) * (scale - at_zero), g)
    return g * (either.exp(either.clip(x, None, 0.0) * rate) * at_zero + step)
