"""The two-dimensional convolution layer."""

from __future__ import annotations

from xdl import functional
from xdl.creation import zeros
from xdl.errors import SettingError
from xdl.functional.conv import Pair, pair
from xdl.nn import init
from xdl.nn.module import Module, Parameter, check_sizes
from xdl.tensor import Tensor


class Conv2d(Module):
    """Cross-correlation of (N, in_channels, H, W) with out_channels filters: (N, out_channels, OH, OW).

    weight (out_channels, in_channels / groups, KH, KW) and bias (out_channels,) start uniform in
    +-1 / sqrt(in_channels / groups KH KW), as in PyTorch. Sizes are given in `xdl/functional/conv.py`.
    Raises SettingError for settings out of range, ShapeError for groups that do not divide the channels.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair = 0,
        dilation: Pair = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        check_sizes("Conv2d", in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise SettingError(
                "Conv2d", f"groups that divide {in_channels} input and {out_channels} output channels", groups
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = pair("Conv2d", "kernel_size", kernel_size, 1)
        self.stride = pair("Conv2d", "stride", stride, 1)
        self.padding = pair("Conv2d", "padding", padding, 0)
        self.dilation = pair("Conv2d", "dilation", dilation, 1)
        self.weight = Parameter(zeros(out_channels, in_channels // groups, *self.kernel_size))
        self.bias = Parameter(zeros(out_channels)) if bias else None
        init.fan_in_uniform_(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """input (N, in_channels, H, W): (N, out_channels, OH, OW)."""
        return functional.conv2d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}, dilation={self.dilation}, groups={self.groups}, bias={self.bias is not None}"
        )
