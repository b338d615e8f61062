"""Padding layers: `functional.pad` along the last one, two or three dimensions.

`padding` is a number for all sides, or (left, right, top, bottom, front, back) as far as there are dimensions.
The input is (N, C, sizes) or (C, sizes); the output has each size grown by its two amounts.
"""

from __future__ import annotations

from xdl import functional
from xdl.errors import SettingError, ShapeError
from xdl.nn.base.flops import Negligible
from xdl.nn.module import Module
from xdl.tensor import Tensor

Padding = int | tuple[int, ...]


class _Pad(Negligible, Module):
    """Padding of the last `dims` dimensions in one mode."""

    dims: int
    mode: str

    def __init__(self, padding: Padding) -> None:
        self.padding = (padding,) * (2 * self.dims) if isinstance(padding, int) else tuple(padding)
        self.value = 0.0
        if len(self.padding) != 2 * self.dims:
            raise SettingError(type(self).__name__, f"a number or {2 * self.dims} of them as padding", padding)

    def forward(self, input: Tensor) -> Tensor:
        """The padded input. Raises ShapeError for another number of dimensions."""
        if input.ndim not in (self.dims + 1, self.dims + 2):
            raise ShapeError(type(self).__name__, f"{self.dims + 1} or {self.dims + 2} dimensions", input.shape)
        return functional.pad(input, self.padding, self.mode, self.value)


class _ConstantPad(_Pad):
    """Padding with one value."""

    mode = "constant"

    def __init__(self, padding: Padding, value: float) -> None:
        super().__init__(padding)
        self.value = value


class _ZeroPad(_Pad):
    """Padding with zeros."""

    mode = "constant"


class _ReflectionPad(_Pad):
    """c b | a b c d | c b: less than the size on each side."""

    mode = "reflect"


class _ReplicationPad(_Pad):
    """a a | a b c d | d d."""

    mode = "replicate"


class _CircularPad(_Pad):
    """c d | a b c d | a b: at most the size on each side."""

    mode = "circular"


class ConstantPad1d(_ConstantPad):
    """Pads the last dimension with value."""

    dims = 1


class ConstantPad2d(_ConstantPad):
    """Pads height and width with value."""

    dims = 2


class ConstantPad3d(_ConstantPad):
    """Pads depth, height and width with value."""

    dims = 3


class ZeroPad1d(_ZeroPad):
    """Pads the last dimension with zeros."""

    dims = 1


class ZeroPad2d(_ZeroPad):
    """Pads height and width with zeros."""

    dims = 2


class ZeroPad3d(_ZeroPad):
    """Pads depth, height and width with zeros."""

    dims = 3


class ReflectionPad1d(_ReflectionPad):
    """Pads the last dimension with its reflection."""

    dims = 1


class ReflectionPad2d(_ReflectionPad):
    """Pads height and width with its reflection."""

    dims = 2


class ReflectionPad3d(_ReflectionPad):
    """Pads depth, height and width with its reflection."""

    dims = 3


class ReplicationPad1d(_ReplicationPad):
    """Pads the last dimension with its edge."""

    dims = 1


class ReplicationPad2d(_ReplicationPad):
    """Pads height and width with its edge."""

    dims = 2


class ReplicationPad3d(_ReplicationPad):
    """Pads depth, height and width with its edge."""

    dims = 3


class CircularPad1d(_CircularPad):
    """Pads the last dimension with its other end."""

    dims = 1


class CircularPad2d(_CircularPad):
    """Pads height and width with its other end."""

    dims = 2


class CircularPad3d(_CircularPad):
    """Pads depth, height and width with its other end."""

    dims = 3
