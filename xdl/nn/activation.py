"""Activations as modules: each calls the function of `xdl.functional` that its class names, with its settings."""

from __future__ import annotations

from typing import Any

from xdl import functional
from xdl.creation.filled import Where, full
from xdl.errors import SettingError
from xdl.nn.base.activation import Activation, Writing
from xdl.nn.base.flops import Negligible
from xdl.nn.module import Module
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor


class ReLU(Writing):
    """max(x, 0)."""

    function = staticmethod(functional.relu)


class ReLU6(Writing):
    """x cut off at 0 and 6."""

    function = staticmethod(functional.relu6)


class LeakyReLU(Writing):
    """x where x > 0, else negative_slope x."""

    function = staticmethod(functional.leaky_relu)
    settings = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope


class RReLU(Writing):
    """x where x > 0, else a x: a is random in [lower, upper) in training, the middle of it in evaluation."""

    function = staticmethod(functional.rrelu)
    settings = ("lower", "upper", "training")

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.lower, self.upper = lower, upper

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"lower={self.lower}, upper={self.upper}" + (", inplace=True" if self.inplace else "")


class ELU(Writing):
    """x where x > 0, else alpha (e**x - 1)."""

    function = staticmethod(functional.elu)
    settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha


class CELU(Writing):
    """x where x > 0, else alpha (e**(x / alpha) - 1)."""

    function = staticmethod(functional.celu)
    settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha


class SELU(Writing):
    """The self-normalizing ELU, with fixed alpha and scale."""

    function = staticmethod(functional.selu)


class GELU(Activation):
    """x times the probability that a standard normal number is below x; approximate: "none" or "tanh"."""

    function = staticmethod(functional.gelu)
    settings = ("approximate",)

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate


class SiLU(Writing):
    """x sigmoid x."""

    function = staticmethod(functional.silu)


class Mish(Writing):
    """x tanh softplus x."""

    function = staticmethod(functional.mish)


class Hardswish(Writing):
    """x times (x + 3) / 6 cut off at 0 and 1."""

    function = staticmethod(functional.hardswish)


class Hardsigmoid(Writing):
    """(x + 3) / 6 cut off at 0 and 1."""

    function = staticmethod(functional.hardsigmoid)


class Hardtanh(Writing):
    """x cut off at min_val and max_val."""

    function = staticmethod(functional.hardtanh)
    settings = ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.min_val, self.max_val = min_val, max_val


class Sigmoid(Activation):
    """1 / (1 + e**-x)."""

    function = staticmethod(functional.sigmoid)


class LogSigmoid(Activation):
    """ln sigmoid x."""

    function = staticmethod(functional.logsigmoid)


class Tanh(Activation):
    """tanh x."""

    function = staticmethod(functional.tanh)


class Tanhshrink(Activation):
    """x - tanh x."""

    function = staticmethod(functional.tanhshrink)


class Softplus(Activation):
    """ln (1 + e**(beta x)) / beta, and x where beta x > threshold."""

    function = staticmethod(functional.softplus)
    settings = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold


class Softsign(Activation):
    """x / (1 + |x|)."""

    function = staticmethod(functional.softsign)


class Hardshrink(Activation):
    """x where |x| > lambd, else 0."""

    function = staticmethod(functional.hardshrink)
    settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd


class Softshrink(Activation):
    """x moved by lambd towards 0, and 0 where |x| <= lambd."""

    function = staticmethod(functional.softshrink)
    settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd


class Threshold(Writing):
    """x where x > threshold, else value."""

    function = staticmethod(functional.threshold)
    settings = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold, self.value = threshold, value


class GLU(Activation):
    """a sigmoid(b) for the halves a and b of x along dim, which is half as large in y."""

    function = staticmethod(functional.glu)
    settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class PReLU(Negligible, Module):
    """x where x > 0, else w x, for a learned weight w (num_parameters,): one for all x, or one for each channel."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Where = None, dtype: Any = None) -> None:
        if not isinstance(num_parameters, int) or num_parameters < 1:
            raise SettingError("PReLU", "num_parameters: a whole number of at least 1", repr(num_parameters))
        self.num_parameters = num_parameters
        self.weight = Parameter(full((num_parameters,), float(init), dtype, device))

    def forward(self, input: Tensor) -> Tensor:
        """input (N, C, ...), any shape with one weight: the same shape."""
        return functional.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"num_parameters={self.num_parameters}"
