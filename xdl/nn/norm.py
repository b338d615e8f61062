"""Batch and instance normalization layers (Ioffe and Szegedy 2015; Ulyanov, Vedaldi and Lempitsky 2016)."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from numbers import Real
from typing import Any

from xdl import functional
from xdl.creation.filled import Where, ones, zeros
from xdl.errors import KindError, ShapeError, expect
from xdl.functional.norm.batch_norm import counting_batch_norm
from xdl.nn.base.flops import Shape
from xdl.nn.layer_norm import scale_and_shift
from xdl.nn.module import Module, check_sizes
from xdl.nn.parameter import Buffer, Parameter
from xdl.tensor import Tensor


class _ChannelNorm(Module):
    """What they share: parameters and running statistics of each channel, and checks of the input.

    _ndims: the numbers of dimensions that a layer takes
    """

    _ndims: tuple[int, ...] = ()
    _may_lack = ("num_batches_tracked",)
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Buffer | None
    running_var: Buffer | None
    num_batches_tracked: Buffer | None

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Where,
        dtype: Any,
        bias: bool,
    ) -> None:
        check_sizes(type(self).__name__, num_features=num_features)
        is_number = momentum is None or isinstance(momentum, Real)
        expect(is_number, KindError, type(self).__name__, "momentum: a number, or None", repr(momentum))
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        scale_and_shift(self, (num_features,), affine, bias, device, dtype)
        tracks = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, device=device, dtype=dtype) if tracks else None)
        self.register_buffer("running_var", ones(num_features, device=device, dtype=dtype) if tracks else None)
        self.register_buffer("num_batches_tracked", zeros(device=device, dtype="int64") if tracks else None)

    def _check(self, input: Tensor) -> None:
        if input.ndim not in self._ndims or input.shape[1] != self.num_features:
            wanted = " or ".join(f"{n}-d" for n in self._ndims)
            raise ShapeError(type(self).__name__, f"{wanted} input with {self.num_features} channels", input.shape)

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.weight is not None}, "
            f"track_running_stats={self.running_mean is not None}"
        )


class _BatchNorm(_ChannelNorm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Where = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """input (N, num_features, ...): the same shape, each channel normalized."""
        return self.through(None, input)

    def through(self, run: Callable[..., tuple[Tensor, Tensor, Tensor]] | None, input: Tensor) -> Tensor:
        """The output by a function that stands for `normalized`, if it is given."""
        self._check(input)
        momentum, count = self.momentum, self.num_batches_tracked if self.training else None
        if momentum is None and count is not None:
            momentum = 1 / (count.item() + 1)
        return counting_batch_norm(
            input,
            self.running_mean,
            self.running_var,
            count,
            self.weight,
            self.bias,
            self.training,
            0.0 if momentum is None else momentum,
            self.eps,
            run,
        )

    def flops(self, input: Shape, output: Shape) -> int:
        """4 per element: difference, scale, weight and bias, with running statistics."""
        return 4 * prod(input)


class BatchNorm1d(_BatchNorm):
    """Batch normalization of (N, C) or (N, C, L) per channel, with PyTorch's parameters and buffers.

    momentum None averages all batches equally, which reads the count from the device. Raises SettingError, KindError,
    ShapeError.
    """

    _ndims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalization of (N, C, H, W) per channel; see BatchNorm1d."""

    _ndims = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch normalization of (N, C, D, H, W) per channel; see BatchNorm1d."""

    _ndims = (5,)


class _InstanceNorm(_ChannelNorm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Where = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """input (N, num_features, d1, ...) or without N: the same shape, each channel of each sample normalized."""
        if input.ndim == self._ndims[0] - 1:
            return self.forward(input.unsqueeze(0))[0]
        self._check(input)
        return functional.instance_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            self.momentum or 0.0,
            self.eps,
        )

    def flops(self, input: Shape, output: Shape) -> int:
        """8 per element: mean and variance as well."""
        return 8 * prod(input)


class InstanceNorm1d(_InstanceNorm):
    """Normalization of each channel of each sample of (N, C, L) or (C, L), with PyTorch's parameters and buffers.

    Raises SettingError, KindError, ShapeError.
    """

    _ndims = (3,)


class InstanceNorm2d(_InstanceNorm):
    """Normalization of each channel of each sample of (N, C, H, W) or (C, H, W); see InstanceNorm1d."""

    _ndims = (4,)


class InstanceNorm3d(_InstanceNorm):
    """Normalization of each channel of each sample of (N, C, D, H, W) or (C, D, H, W); see InstanceNorm1d."""

    _ndims = (5,)
