"""Pooling layers: each calls the function of its name with its settings."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from xdl import functional
from xdl.functional.conv.adaptive_pool import Outputs
from xdl.functional.conv.conv import Sizes, spread
from xdl.nn.base.flops import Negligible, Shape
from xdl.nn.base.function import FunctionModule
from xdl.nn.module import Module
from xdl.tensor import Tensor


@dataclass(eq=False, repr=False)
class _Windows(FunctionModule):
    """Pooling over windows of `dims` dimensions; stride defaults to kernel_size."""

    dims: ClassVar[int]
    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0

    def __post_init__(self) -> None:
        self.stride = self.kernel_size if self.stride is None else self.stride

    def flops(self, input: Shape, output: Shape) -> int:
        """One per element of a window and output."""
        return prod(output) * prod(spread("flops", "kernel_size", self.kernel_size, self.dims, 1))


@dataclass(eq=False, repr=False)
class _MaxPool(_Windows):
    """The largest value of each window."""

    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool1d(_MaxPool):
    """`functional.max_pool1d` of (N, C, L) or (C, L)."""

    dims, function = 1, functional.max_pool1d


class MaxPool2d(_MaxPool):
    """`functional.max_pool2d` of (N, C, H, W) or (C, H, W)."""

    dims, function = 2, functional.max_pool2d


class MaxPool3d(_MaxPool):
    """`functional.max_pool3d` of (N, C, D, H, W) or (C, D, H, W)."""

    dims, function = 3, functional.max_pool3d


class _MaxUnpool(Negligible, Module):
    """Zeros with the values at the indices that max pooling with the same settings gave."""

    function: ClassVar[Any]

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, input: Tensor, indices: Tensor, output_size: tuple[int, ...] | None = None) -> Tensor:
        """Zeros of the sizes of what was pooled, or of output_size, with input at the indices."""
        unpool = type(self).function
        result: Tensor = unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)
        return result

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """`functional.max_unpool1d` of (N, C, OL) or (C, OL)."""

    function = functional.max_unpool1d


class MaxUnpool2d(_MaxUnpool):
    """`functional.max_unpool2d` of (N, C, OH, OW) or (C, OH, OW)."""

    function = functional.max_unpool2d


class MaxUnpool3d(_MaxUnpool):
    """`functional.max_unpool3d` of (N, C, OD, OH, OW) or (C, OD, OH, OW)."""

    function = functional.max_unpool3d


@dataclass(eq=False, repr=False)
class AvgPool1d(_Windows):
    """`functional.avg_pool1d` of (N, C, L) or (C, L): the mean of each window."""

    dims: ClassVar = 1
    function: ClassVar = functional.avg_pool1d
    ceil_mode: bool = False
    count_include_pad: bool = True


@dataclass(eq=False, repr=False)
class _AvgPool(_Windows):
    """The mean of each window, or its sum / divisor_override."""

    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None


class AvgPool2d(_AvgPool):
    """`functional.avg_pool2d` of (N, C, H, W) or (C, H, W)."""

    dims, function = 2, functional.avg_pool2d


class AvgPool3d(_AvgPool):
    """`functional.avg_pool3d` of (N, C, D, H, W) or (C, D, H, W)."""

    dims, function = 3, functional.avg_pool3d


@dataclass(eq=False, repr=False)
class _LPPool(FunctionModule):
    """The p-norm of each window, for even p = norm_type; stride defaults to kernel_size."""

    dims: ClassVar[int]
    norm_type: float
    kernel_size: Sizes
    stride: Sizes | None = None
    ceil_mode: bool = False

    def flops(self, input: Shape, output: Shape) -> int:
        """One per element of a window and output."""
        return prod(output) * prod(spread("flops", "kernel_size", self.kernel_size, self.dims, 1))


class LPPool1d(_LPPool):
    """`functional.lp_pool1d` of (N, C, L) or (C, L)."""

    dims, function = 1, functional.lp_pool1d


class LPPool2d(_LPPool):
    """`functional.lp_pool2d` of (N, C, H, W) or (C, H, W)."""

    dims, function = 2, functional.lp_pool2d


class LPPool3d(_LPPool):
    """`functional.lp_pool3d` of (N, C, D, H, W) or (C, D, H, W)."""

    dims, function = 3, functional.lp_pool3d


@dataclass(eq=False, repr=False)
class _AdaptiveAvgPool(FunctionModule):
    """The means of as many windows as output_size says."""

    output_size: Outputs

    def flops(self, input: Shape, output: Shape) -> int:
        """One per element of the input."""
        return prod(input)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """`functional.adaptive_avg_pool1d` of (N, C, L) or (C, L)."""

    function = functional.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """`functional.adaptive_avg_pool2d` of (N, C, H, W) or (C, H, W)."""

    function = functional.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """`functional.adaptive_avg_pool3d` of (N, C, D, H, W) or (C, D, H, W)."""

    function = functional.adaptive_avg_pool3d


@dataclass(eq=False, repr=False)
class _AdaptiveMaxPool(FunctionModule):
    """The maxima of as many windows as output_size says, with return_indices also their places."""

    output_size: Outputs
    return_indices: bool = False

    def flops(self, input: Shape, output: Shape) -> int:
        """One per element of the input."""
        return prod(input)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """`functional.adaptive_max_pool1d` of (N, C, L) or (C, L)."""

    function = functional.adaptive_max_pool1d


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """`functional.adaptive_max_pool2d` of (N, C, H, W) or (C, H, W)."""

    function = functional.adaptive_max_pool2d


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """`functional.adaptive_max_pool3d` of (N, C, D, H, W) or (C, D, H, W)."""

    function = functional.adaptive_max_pool3d
