"""Batch normalization layers (Ioffe and Szegedy 2015)."""

from __future__ import annotations

from xdl import functional
from xdl.creation import ones, zeros
from xdl.errors import SettingError, ShapeError
from xdl.nn.module import Buffer, Module, Parameter
from xdl.tensor import Tensor, no_grad


class _BatchNorm(Module):
    """What the one- and two-dimensional layer share; `_ndims` are the numbers of dimensions that they take."""

    _ndims: tuple[int, ...] = ()

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        if not isinstance(num_features, int) or num_features < 1:
            raise SettingError(type(self).__name__, "num_features: a whole number of at least 1", repr(num_features))
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = Parameter(ones(num_features)) if affine else None
        self.bias = Parameter(zeros(num_features)) if affine else None
        self.running_mean = Buffer(zeros(num_features)) if track_running_stats else None
        self.running_var = Buffer(ones(num_features)) if track_running_stats else None
        self.num_batches_tracked = Buffer(zeros(dtype="int64")) if track_running_stats else None

    def forward(self, input: Tensor) -> Tensor:
        """input (N, num_features, ...): the same shape, each channel normalized."""
        if input.ndim not in self._ndims or input.shape[1] != self.num_features:
            wanted = " or ".join(f"{n}-d" for n in self._ndims)
            raise ShapeError(type(self).__name__, f"{wanted} input with {self.num_features} channels", input.shape)
        momentum, count = self.momentum, self.num_batches_tracked if self.training else None
        if momentum is None and count is not None:
            momentum = 1 / (count.item() + 1)
        output = functional.batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training,
            0.0 if momentum is None else momentum,
            self.eps,
        )
        if count is not None:
            with no_grad():
                count[...] = count + 1
        return output

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.weight is not None}, "
            f"track_running_stats={self.running_mean is not None}"
        )


class BatchNorm1d(_BatchNorm):
    """Batch normalization of (N, C) or (N, C, L) per channel, with PyTorch's parameters and buffers.

    momentum None averages all batches equally, which reads the count from the device. Raises SettingError, ShapeError.
    """

    _ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalization of (N, C, H, W) per channel, with PyTorch's parameters and buffers.

    momentum None averages all batches equally, which reads the count from the device. Raises SettingError, ShapeError.
    """

    _ndims = (4,)
