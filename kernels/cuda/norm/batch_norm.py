"""Launches of batch_norm.cu. Notation: x [N, C, ...], mean, var, gamma, beta [C], M = values per channel."""

from __future__ import annotations

from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional import either
from xdl.functional.norm.batch_norm import (
    MoveRunningReference,
    batch_norm_pair,
    move_running_slot,
    through_statistics,
)

from ..launch import Device, blocks_for, grid_size, load_kernels
from ..reduce.column_sum import channel_layout, slicing
from ..slots import PRIORITY, dense, dense_or_none, device_of, register

THREADS = 256
Ramp = tuple[int, float]  # an activation behind it: its number of formulas.py and its slope
NO_RAMP: Ramp = (-1, 0.0)


def batch_statistics(device: Device, x: Array) -> tuple[Array, Array]:
    """mean and (biased) var of each channel. x has at least one value per channel."""
    images, channels, positions = channel_layout(x)
    length, slices = slicing(images * positions)
    partial, mean, var = (
        device.empty(shape, dtype_name(x)) for shape in ((3, slices, channels), (channels,), (channels,))
    )
    if channels:
        kernels = load_kernels(device, "batch_norm.cu", dtype_name(x))
        sizes = (images, channels, positions, length)
        kernels.launch("batch_norm_statistics", (channels, slices), (THREADS,), x, partial, *sizes)
        grid = (blocks_for(channels, THREADS),)
        kernels.launch("batch_norm_finish", grid, (THREADS,), partial, mean, var, channels, slices)
    return mean, var


def batch_norm_forward(
    device: Device,
    x: Array,
    mean: Array,
    var: Array,
    gamma: Array | None,
    beta: Array | None,
    eps: float,
    ramp: Ramp = NO_RAMP,
    z: Array | None = None,
) -> Array:
    """y = f(z), z = gamma (x - mean) / sqrt(var + eps) + beta, which is written too where it is given."""
    y = device.empty(x.shape, dtype_name(x))
    images, channels, positions = channel_layout(x)
    if images * channels * positions:
        kernels = load_kernels(device, "batch_norm.cu", dtype_name(x))
        grid = (blocks_for(channels * positions, THREADS), grid_size(images))
        sizes = (images, channels, positions)
        kernels.launch("batch_norm_normalize", grid, (THREADS,), x, mean, var, gamma, beta, z, y, *sizes, eps, *ramp)
    return y


def batch_norm_backward(
    device: Device,
    g: Array,
    x: Array,
    mean: Array,
    var: Array,
    gamma: Array | None,
    eps: float,
    batch: bool,
    ramp: Ramp = NO_RAMP,
    read: Array | None = None,
) -> tuple[Array, Array, Array]:
    """dx, dgamma and dbeta. batch: mean and var are those of x itself. x has at least one value per channel.

    read: what the ramp's gradient reads, y for ReLU and z for LeakyReLU
    """
    images, channels, positions = channel_layout(x)
    length, slices = slicing(images * positions)
    dtype = dtype_name(x)
    partial, dgamma, dbeta = (device.empty(shape, dtype) for shape in ((2, slices, channels), (channels,), (channels,)))
    dx = device.empty(x.shape, dtype)
    if channels:
        kernels = load_kernels(device, "batch_norm.cu", dtype)
        sizes = (images, channels, positions)
        block = (THREADS,)
        kernels.launch(
            "batch_norm_gradient_sums",
            (channels, slices),
            block,
            *(g, read, x, mean, var, partial, *sizes, length, eps, *ramp),
        )
        grid_of_channels = (blocks_for(channels, THREADS),)
        kernels.launch("batch_norm_gradient_finish", grid_of_channels, block, partial, dgamma, dbeta, channels, slices)
        grid = (blocks_for(channels * positions, THREADS), grid_size(images))
        arrays = (g, read, x, mean, var, gamma, dgamma, dbeta, dx)
        one_over_m = 1 / (images * positions) if batch else 0.0
        kernels.launch("batch_norm_input_gradient", grid, block, *arrays, *sizes, eps, one_over_m, *ramp)
    return dx, dgamma, dbeta


@register(batch_norm_pair)
class batch_norm_cuda:
    """(y, mu, var) with mu and var of the batch, or given."""

    @staticmethod
    def forward(x: Array, gamma: Any, beta: Any, mu: Any, var: Any, eps: float) -> tuple[tuple[Array, ...], Any]:
        device, x, batch = device_of(x), dense(x), mu is None
        gamma, beta = dense_or_none(gamma), dense_or_none(beta)
        mu, var = batch_statistics(device, x) if batch else (dense(mu), dense(var))
        return (batch_norm_forward(device, x, mu, var, gamma, beta, eps), mu, var), (x, mu, var, gamma, eps, batch)

    @staticmethod
    def backward(g: Any, saved: Any, needs: Any) -> tuple[Array, Array, Array]:
        x, mu, *_, batch = saved
        dy, dmu, dvar = dense(either.given(g[0], x)), g[1], g[2]
        dx, dgamma, dbeta = batch_norm_backward(device_of(x), dy, *saved)
        return through_statistics(dx, x, mu, dmu, dvar) if batch else dx, dgamma, dbeta


def _countable(mean: Array, var: Array, count: Array | None, *_: Any) -> bool:
    return count is None or dtype_name(count) == "int64"


@register(move_running_slot, when=_countable, why="a count in int64")
class move_running_cuda:
    """Both running statistics and the count in one launch, in place."""

    @staticmethod
    def forward(
        mean: Array, var: Array, count: Array | None, mu: Array, v: Array, momentum: float, factor: float
    ) -> tuple[None, None]:
        channels = mean.shape[0]
        if channels or count is not None:
            kernels = load_kernels(device_of(mean), "batch_norm.cu", dtype_name(mean))
            grid, numbers = (blocks_for(channels, THREADS),), (channels, momentum, 1 - momentum, factor)
            kernels.launch("move_running", grid, (THREADS,), mean, var, count, dense(mu), dense(v), *numbers)
        return None, None


register(move_running_slot, priority=PRIORITY - 1)(MoveRunningReference)
