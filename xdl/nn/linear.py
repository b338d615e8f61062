"""The fully connected layer."""

from __future__ import annotations

from xdl import functional
from xdl.creation import zeros
from xdl.errors import SettingError
from xdl.nn import init
from xdl.nn.module import Module, Parameter
from xdl.tensor import Tensor


class Linear(Module):
    """y = x weight^T + bias: (..., in_features) to (..., out_features).

    weight (out_features, in_features) and bias (out_features,) start uniform in +-1 / sqrt(in_features), as in
    PyTorch. Raises SettingError for sizes below 1.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        for name, value in {"in_features": in_features, "out_features": out_features}.items():
            if not isinstance(value, int) or value < 1:
                raise SettingError("Linear", f"{name}: a whole number of at least 1", repr(value))
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(zeros(out_features, in_features))
        self.bias = Parameter(zeros(out_features)) if bias else None
        init.fan_in_uniform_(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """input (..., in_features): (..., out_features)."""
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
