"""Softmax and its kin as modules: each calls the function of its name along a dimension."""

from __future__ import annotations

from xdl import functional
from xdl.errors import ShapeError
from xdl.nn.base.activation import Activation
from xdl.tensor import Tensor


class Softmax(Activation):
    """e**x / sum of e**x along dim."""

    function = staticmethod(functional.softmax)
    settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class Softmax2d(Activation):
    """Softmax over the channels of (N, C, H, W) or (C, H, W), at each pixel. Raises ShapeError."""

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        if input.ndim not in (3, 4):
            raise ShapeError("Softmax2d", "input (N, C, H, W) or (C, H, W)", input.shape)
        return functional.softmax(input, -3)


class LogSoftmax(Activation):
    """The logarithm of softmax along dim."""

    function = staticmethod(functional.log_softmax)
    settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class Softmin(Activation):
    """Softmax of -x along dim."""

    function = staticmethod(functional.softmin)
    settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim
