"""Normalization layers of single samples; the mathematics is in `xdl/functional/norm/layer_norm.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from xdl import functional
from xdl.creation.filled import Where, ones, zeros
from xdl.errors import SettingError
from xdl.nn.base.flops import Shape
from xdl.nn.base.function import FunctionModule
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor


def scale_and_shift(
    module: Module, shape: tuple[int, ...], affine: bool, bias: bool, device: Where, dtype: Any
) -> None:
    """Gives a module the parameters weight, all 1, and bias, all 0; None where they are not wanted."""
    module.register_parameter("weight", Parameter(ones(shape, device=device, dtype=dtype)) if affine else None)
    shift = Parameter(zeros(shape, device=device, dtype=dtype)) if affine and bias else None
    module.register_parameter("bias", shift)


class LayerNorm(Module):
    """Normalization over the last dimensions, those of normalized_shape, then weight and bias of that shape.

    Raises SettingError for sizes below 1, ShapeError.
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        check_sizes("LayerNorm", **{f"normalized_shape[{i}]": size for i, size in enumerate(shape)})
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        scale_and_shift(self, shape, elementwise_affine, bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        """input (..., *normalized_shape): the same shape."""
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def flops(self, input: Shape, output: Shape) -> int:
        """8 per element: mean, variance, difference, scale, weight and bias."""
        return 8 * prod(input)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class RMSNorm(Module):
    """Division by the root mean square over the last dimensions, those of normalized_shape, then weight of that shape.

    eps: by default the distance from 1 to the next number of the input's dtype

    Raises SettingError for sizes below 1, ShapeError.
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        check_sizes("RMSNorm", **{f"normalized_shape[{i}]": size for i, size in enumerate(shape)})
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        weight = Parameter(ones(shape, device=device, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def forward(self, input: Tensor) -> Tensor:
        """input (..., *normalized_shape): the same shape."""
        return functional.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def flops(self, input: Shape, output: Shape) -> int:
        """4 per element: square, mean, scale and weight."""
        return 4 * prod(input)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """Normalization of each of num_groups groups of channels of (N, num_channels, ...), weight and bias per channel.

    Raises SettingError unless num_groups divides num_channels, ShapeError.
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Where = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        check_sizes("GroupNorm", num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise SettingError("GroupNorm", f"num_groups that divides {num_channels} channels", num_groups)
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        scale_and_shift(self, (num_channels,), affine, bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        """input (N, num_channels, ...): the same shape."""
        return functional.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def flops(self, input: Shape, output: Shape) -> int:
        """8 per element: mean, variance, difference, scale, weight and bias."""
        return 8 * prod(input)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


@dataclass(eq=False, repr=False)
class LocalResponseNorm(FunctionModule):
    """Each value of (N, C, d1, ...) divided by what `size` channels around it hold, to the power of beta."""

    function: ClassVar = functional.local_response_norm
    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    def flops(self, input: Shape, output: Shape) -> int:
        """8 per element, as the other norms."""
        return 8 * prod(input)
