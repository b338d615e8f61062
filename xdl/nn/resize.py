"""Layers that change the size of images: each calls the function of its name."""

from __future__ import annotations

from math import prod

from xdl import functional
from xdl.functional.conv.conv import Pair
from xdl.nn.base.flops import Negligible, Shape
from xdl.nn.module import Module
from xdl.tensor import Tensor


class Upsample(Module):
    """`functional.interpolate` of (N, C, sizes), by size or scale_factor."""

    def __init__(
        self,
        size: int | tuple[int, ...] | None = None,
        scale_factor: float | tuple[float, ...] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
    ) -> None:
        self.size, self.scale_factor, self.mode, self.align_corners = size, scale_factor, mode, align_corners

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, new sizes)."""
        return functional.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners)

    def flops(self, input: Shape, output: Shape) -> int:
        """One dimension after the other, 3 per element (bicubic: 7); 1 per input for "area", 0 for "nearest"."""
        if self.mode == "area":
            return prod(input)
        each = 0 if self.mode.startswith("nearest") else 7 if self.mode == "bicubic" else 3
        return sum(each * prod(output[:d] + input[d:]) for d in range(3, len(input) + 1))


class UpsamplingNearest2d(Upsample):
    """`Upsample` of (N, C, H, W) to the nearest pixel."""

    def __init__(
        self, size: int | tuple[int, int] | None = None, scale_factor: float | tuple[float, float] | None = None
    ) -> None:
        super().__init__(size, scale_factor)


class UpsamplingBilinear2d(Upsample):
    """`Upsample` of (N, C, H, W), bilinear, with the corners aligned."""

    def __init__(
        self, size: int | tuple[int, int] | None = None, scale_factor: float | tuple[float, float] | None = None
    ) -> None:
        super().__init__(size, scale_factor, "bilinear", align_corners=True)


class PixelShuffle(Negligible, Module):
    """(..., C r r, H, W) -> (..., C, H r, W r)."""

    def __init__(self, upscale_factor: int) -> None:
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """(..., C, H r, W r)."""
        return functional.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Negligible, Module):
    """(..., C, H r, W r) -> (..., C r r, H, W)."""

    def __init__(self, downscale_factor: int) -> None:
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """(..., C r r, H, W)."""
        return functional.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(Negligible, Module):
    """(N, C, ...) with the channels of its groups in turn."""

    def __init__(self, groups: int) -> None:
        self.groups = groups

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return functional.channel_shuffle(input, self.groups)


class Unfold(Negligible, Module):
    """The columns (N, C KH KW, L) of images (N, C, H, W)."""

    def __init__(self, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> None:
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Tensor) -> Tensor:
        """(N, C KH KW, L)."""
        return functional.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(Module):
    """The sums of columns (N, C KH KW, L) as images (N, C, *output_size)."""

    def __init__(
        self, output_size: Pair, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
    ) -> None:
        self.output_size, self.kernel_size = output_size, kernel_size
        self.dilation, self.padding, self.stride = dilation, padding, stride

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *output_size)."""
        return functional.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def flops(self, input: Shape, output: Shape) -> int:
        """One per element of the input: each is added to a pixel."""
        return prod(input)
