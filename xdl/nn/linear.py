"""The fully connected layer, and the bilinear one."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

from xdl import functional
from xdl.creation.filled import Where, zeros
from xdl.nn import init
from xdl.nn.base.flops import Shape
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor


class Linear(Module):
    """y = x weight^T + bias: (..., in_features) to (..., out_features).

    weight (out_features, in_features) and bias (out_features,) start uniform in +-1 / sqrt(in_features), as in
    PyTorch. Raises SettingError for sizes below 1.
    """

    bias: Parameter | None

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Where = None, dtype: Any = None
    ) -> None:
        check_sizes("Linear", in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(zeros(out_features, in_features, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(self.weight.new_zeros(out_features)) if bias else None)
        init.fan_in_uniform_(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """input (..., in_features): (..., out_features)."""
        return functional.linear(input, self.weight, self.bias)

    def flops(self, input: Shape, output: Shape) -> int:
        """2 in_features per output, and 1 with bias."""
        return prod(output) * (2 * self.in_features + (self.bias is not None))

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """y_k = a^T weight_k b + bias_k: (..., in1_features) and (..., in2_features) to (..., out_features).

    weight (out_features, in1_features, in2_features) and bias (out_features,) start uniform in
    +-1 / sqrt(in1_features), as in PyTorch. Raises SettingError for sizes below 1.
    """

    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        check_sizes("Bilinear", in1_features=in1_features, in2_features=in2_features, out_features=out_features)
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(zeros(out_features, in1_features, in2_features, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(self.weight.new_zeros(out_features)) if bias else None)
        for parameter in self.parameters():
            init.uniform_(parameter, -1 / sqrt(in1_features), 1 / sqrt(in1_features))

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """input1 (..., in1_features) and input2 (..., in2_features): (..., out_features)."""
        return functional.bilinear(input1, input2, self.weight, self.bias)

    def flops(self, input: Shape, output: Shape) -> int:
        """2 (in1_features + 1) in2_features per output, and 1 with bias."""
        return prod(output) * (2 * (self.in1_features + 1) * self.in2_features + (self.bias is not None))

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        sizes = f"in1_features={self.in1_features}, in2_features={self.in2_features}"
        return f"{sizes}, out_features={self.out_features}, bias={self.bias is not None}"
