"""Convolution layers, and transposed ones.

    weight (out_channels, in_channels / groups, kernel), transposed (in_channels, out_channels / groups, kernel)
    bias   (out_channels,)

Both start uniform in +-1 / sqrt(n), n = weight.shape[1] times the kernel's elements, as in PyTorch. Sizes are given in
`xdl/functional/conv/conv_nd.py` and `conv_transpose.py`. Wrong settings raise SettingError.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, ClassVar

from xdl import functional
from xdl.creation.filled import Where, zeros
from xdl.errors import SettingError, ShapeError, nearest
from xdl.functional.conv.conv import Sizes, spread
from xdl.functional.conv.conv_nd import named_padding, same_padding
from xdl.functional.conv.conv_transpose import output_sizes
from xdl.nn import init
from xdl.nn.base.flops import Shape
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _Layer(Module):
    """What all have: channels, kernel, steps, weight and bias."""

    dims: ClassVar[int]
    function: ClassVar[Any]
    bias: Parameter | None

    def _start(
        self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes, dilation: Sizes, groups: int
    ) -> None:
        name = type(self).__name__
        check_sizes(name, in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise SettingError(
                name, f"groups that divide {in_channels} input and {out_channels} output channels", groups
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = self._spread("kernel_size", kernel_size, 1)
        self.stride = self._spread("stride", stride, 1)
        self.dilation = self._spread("dilation", dilation, 1)

    def _spread(self, name: str, value: Sizes, least: int) -> tuple[int, ...]:
        return spread(type(self).__name__, name, value, self.dims, least)

    def _draw(self, outer: int, inner: int, bias: bool, device: Where, dtype: Any) -> None:
        self.weight = Parameter(zeros(outer, inner // self.groups, *self.kernel_size, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(self.weight.new_zeros(self.out_channels)) if bias else None)
        init.fan_in_uniform_(self.weight, self.bias)

    def _repr(self, padding: Any) -> str:
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={padding}, dilation={self.dilation}, groups={self.groups}, bias={self.bias is not None}"
        )


class _Conv(_Layer):
    """Cross-correlation of in_channels with out_channels filters."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        """padding: numbers, "same" or "valid"; padding_mode: what it holds, "zeros" or a mode of `functional.pad`."""
        self._start(in_channels, out_channels, kernel_size, stride, dilation, groups)
        name = type(self).__name__
        if padding_mode not in PADDING_MODES:
            hint = nearest(str(padding_mode), PADDING_MODES)
            raise SettingError(name, "a known padding_mode", repr(padding_mode), hint)
        if isinstance(padding, str):
            named_padding(name, padding, self.stride)
        self.padding = padding if isinstance(padding, str) else self._spread("padding", padding, 0)
        self.padding_mode = padding_mode
        self._draw(out_channels, in_channels, bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        """input (N, in_channels, sizes) or (in_channels, sizes): out_channels instead, in the output sizes."""
        return self.through(type(self).function, input)

    def through(self, convolve: Callable[..., Tensor], input: Tensor) -> Tensor:
        """The output by a function that takes what `functional.conv2d` takes."""
        padding: Sizes | str = self.padding
        if self.padding_mode != "zeros":
            input, padding = functional.pad(input, self._amounts(), self.padding_mode), 0
        return convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def flops(self, input: Shape, output: Shape) -> int:
        """2 (in_channels / groups) times the kernel's elements per output, and 1 with bias."""
        return prod(output) * (2 * prod(self.weight.shape[1:]) + (self.bias is not None))

    def _amounts(self) -> list[int]:
        """The padding as `functional.pad` takes it: before and after, the last dimension first."""
        if isinstance(self.padding, str):
            same = self.padding == "same"
            both = same_padding(self.kernel_size, self.dilation) if same else [(0, 0)] * self.dims
        else:
            both = [(n, n) for n in self.padding]
        return [n for low_high in reversed(both) for n in low_high]

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        mode = "" if self.padding_mode == "zeros" else f", padding_mode={self.padding_mode!r}"
        return self._repr(repr(self.padding)) + mode


class Conv1d(_Conv):
    """Cross-correlation of (N, in_channels, L) with out_channels filters: (N, out_channels, OL)."""

    dims, function = 1, functional.conv1d


class Conv2d(_Conv):
    """Cross-correlation of (N, in_channels, H, W) with out_channels filters: (N, out_channels, OH, OW)."""

    dims, function = 2, functional.conv2d


class Conv3d(_Conv):
    """Cross-correlation of (N, in_channels, D, H, W) with out_channels filters: (N, out_channels, OD, OH, OW)."""

    dims, function = 3, functional.conv3d


class _ConvTranspose(_Layer):
    """Every element spreads the filters over the output, a stride apart."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Where = None,
        dtype: Any = None,
    ) -> None:
        """padding_mode is there for PyTorch's order of arguments: "zeros" is the only one."""
        self._start(in_channels, out_channels, kernel_size, stride, dilation, groups)
        if padding_mode != "zeros":
            raise SettingError(type(self).__name__, "padding_mode 'zeros'", repr(padding_mode))
        self.padding = self._spread("padding", padding, 0)
        self.output_padding = self._spread("output_padding", output_padding, 0)
        self._draw(in_channels, out_channels, bias, device, dtype)

    def forward(self, input: Tensor, output_size: tuple[int, ...] | None = None) -> Tensor:
        """input (N, in_channels, sizes) or (in_channels, sizes): out_channels instead, in the output sizes.

        output_size: the sizes wanted, alone or with N and C before, instead of output_padding. Raises ShapeError
        unless each is less than a stride above the smallest possible.
        """
        extra = self.output_padding if output_size is None else self._extra(input, tuple(output_size))
        convolve = type(self).function
        steps = (self.stride, self.padding, extra, self.groups, self.dilation)
        y: Tensor = convolve(input, self.weight, self.bias, *steps)
        return y

    def flops(self, input: Shape, output: Shape) -> int:
        """2 (out_channels / groups) times the kernel's elements per input, and 1 per output with bias."""
        return prod(input) * 2 * prod(self.weight.shape[1:]) + (prod(output) if self.bias is not None else 0)

    def _extra(self, input: Tensor, wanted: tuple[int, ...]) -> tuple[int, ...]:
        """The output padding that gives the sizes wanted."""
        none = (0,) * self.dims
        sizes = input.shape[-self.dims :], self.kernel_size, self.stride, self.padding, self.dilation, none
        least = output_sizes(*sizes)
        extra = tuple([n - m for n, m in zip(wanted[-self.dims :], least, strict=False)])
        fits = len(wanted) in (self.dims, input.ndim) and all(
            0 <= e < s for e, s in zip(extra, self.stride, strict=True)
        )
        if not fits:
            most = tuple([m + s - 1 for m, s in zip(least, self.stride, strict=True)])
            raise ShapeError(type(self).__name__, f"an output_size from {least} to {most}", wanted)
        return extra

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        extra = f", output_padding={self.output_padding}" if any(self.output_padding) else ""
        return self._repr(self.padding) + extra


class ConvTranspose1d(_ConvTranspose):
    """Transposed convolution of (N, in_channels, L): (N, out_channels, OL)."""

    dims, function = 1, functional.conv_transpose1d


class ConvTranspose2d(_ConvTranspose):
    """Transposed convolution of (N, in_channels, H, W): (N, out_channels, OH, OW)."""

    dims, function = 2, functional.conv_transpose2d


class ConvTranspose3d(_ConvTranspose):
    """Transposed convolution of (N, in_channels, D, H, W): (N, out_channels, OD, OH, OW)."""

    dims, function = 3, functional.conv_transpose3d
