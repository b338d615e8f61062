"""Layers that take the number of their input's features or channels from the first input, and then are plain layers.

    net = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(1))
    net(x)                                              every layer is an nn.Linear from here on
    optimizer = optim.SGD(net.parameters(), lr=0.1)     not before: SettingError

All other arguments are those of the plain layer. Weights are drawn then, on the input's device and in its dtype.
"""

from __future__ import annotations

from typing import Any, ClassVar

from xdl.errors import KindError, ShapeError, expect
from xdl.nn.conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from xdl.nn.linear import Linear
from xdl.nn.module import Module
from xdl.nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from xdl.nn.parameter import UninitializedParameter
from xdl.tensor import Tensor


class _Lazy(Module):
    """_plain: what it becomes;  _axis: the input's dimension whose size it takes"""

    _plain: ClassVar[Any]
    _axis: ClassVar[int]

    def __init__(self, *settings: Any, **named: Any) -> None:
        self.settings, self.named = settings, named
        self.weight: Any = UninitializedParameter()

    def forward(self, input: Tensor, *others: Any, **options: Any) -> Any:
        """What the plain layer gives. Raises KindError for what is no Tensor, and as that layer."""
        expect(isinstance(input, Tensor), KindError, type(self).__name__, "a Tensor as input", type(input).__name__)
        plain, axis, settings, named, training = self._plain, self._axis, self.settings, self.named, self.training
        enough = input.ndim >= max(-axis, axis + 1)
        expect(enough, ShapeError, type(self).__name__, "an input with a dimension of features", input.shape)
        del self.weight, self.settings, self.named
        self.__class__ = plain
        plain.__init__(self, input.shape[axis], *settings, **named)
        self.to(device=input.device, dtype=input.dtype)
        self.train(training)
        return self.forward(input, *others, **options)

    def extra_repr(self) -> str:
        """The settings as they were given."""
        return ", ".join([*map(str, self.settings), *[f"{name}={value}" for name, value in self.named.items()]])


class LazyLinear(_Lazy, Linear):
    """`nn.Linear` without in_features."""

    _plain, _axis = Linear, -1


class LazyConv1d(_Lazy, Conv1d):
    """`nn.Conv1d` without in_channels."""

    _plain, _axis = Conv1d, -2


class LazyConv2d(_Lazy, Conv2d):
    """`nn.Conv2d` without in_channels."""

    _plain, _axis = Conv2d, -3


class LazyConv3d(_Lazy, Conv3d):
    """`nn.Conv3d` without in_channels."""

    _plain, _axis = Conv3d, -4


class LazyConvTranspose1d(_Lazy, ConvTranspose1d):
    """`nn.ConvTranspose1d` without in_channels."""

    _plain, _axis = ConvTranspose1d, -2


class LazyConvTranspose2d(_Lazy, ConvTranspose2d):
    """`nn.ConvTranspose2d` without in_channels."""

    _plain, _axis = ConvTranspose2d, -3


class LazyConvTranspose3d(_Lazy, ConvTranspose3d):
    """`nn.ConvTranspose3d` without in_channels."""

    _plain, _axis = ConvTranspose3d, -4


class LazyBatchNorm1d(_Lazy, BatchNorm1d):
    """`nn.BatchNorm1d` without num_features."""

    _plain, _axis = BatchNorm1d, 1


class LazyBatchNorm2d(_Lazy, BatchNorm2d):
    """`nn.BatchNorm2d` without num_features."""

    _plain, _axis = BatchNorm2d, 1


class LazyBatchNorm3d(_Lazy, BatchNorm3d):
    """`nn.BatchNorm3d` without num_features."""

    _plain, _axis = BatchNorm3d, 1


class LazyInstanceNorm1d(_Lazy, InstanceNorm1d):
    """`nn.InstanceNorm1d` without num_features."""

    _plain, _axis = InstanceNorm1d, -2


class LazyInstanceNorm2d(_Lazy, InstanceNorm2d):
    """`nn.InstanceNorm2d` without num_features."""

    _plain, _axis = InstanceNorm2d, -3


class LazyInstanceNorm3d(_Lazy, InstanceNorm3d):
    """`nn.InstanceNorm3d` without num_features."""

    _plain, _axis = InstanceNorm3d, -4
