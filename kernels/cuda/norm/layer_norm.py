"""Launches of layer_norm.cu. Notation: x [R, D], gamma, beta [D], mean, r [R]; centred False: RMS normalization."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.norm.layer_norm import layer_norm_pair
from xdl.functional.norm.rms_norm import rms_norm_pair

from ..launch import Device, blocks_for, load_kernels
from ..reduce.column_sum import column_sum
from ..sizes import MAX_GRID_YZ
from ..slots import dense, dense_or_none, device_of, register

TEAM_WARPS = 8  # of a block; they own one wide row together, or a narrow row each
THREADS = (32 * TEAM_WARPS,)
NARROW = 1024  # elements of a row, at most
ROWS_PER_SLICE = 256


def team_of(width: int) -> int:
    """How many warps own a row."""
    return 1 if width <= NARROW else TEAM_WARPS


def blocks_of(rows: int, warps: int) -> tuple[int]:
    """The grid for rows of so many warps each."""
    return (blocks_for(rows, TEAM_WARPS // warps),)


def layer_norm_forward(
    device: Device, x: Array, gamma: Array | None, beta: Array | None, eps: float, centred: bool = True
) -> tuple[Array, Array, Array]:
    """y, and mean and r = 1 / sqrt(var + eps) of each row; not centred, a mean of 0 and r of the mean square."""
    (rows, width), dtype = x.shape, dtype_name(x)
    y, mean, r = device.empty(x.shape, dtype), device.empty((rows,), dtype), device.empty((rows,), dtype)
    if rows * width:
        warps = team_of(width)
        arguments = (x, gamma, beta, y, mean, r, rows, width, warps, int(centred), eps)
        load_kernels(device, "layer_norm.cu", dtype).launch(
            "layer_norm_forward", blocks_of(rows, warps), THREADS, *arguments
        )
    return y, mean, r


def layer_norm_input_gradient(
    device: Device, g: Array, x: Array, gamma: Array | None, mean: Array, r: Array, centred: bool = True
) -> Array:
    """dx."""
    (rows, width), dtype = x.shape, dtype_name(x)
    dx = device.empty(x.shape, dtype)
    if rows * width:
        warps = team_of(width)
        arguments = (g, x, gamma, mean, r, dx, rows, width, warps, int(centred))
        kernels = load_kernels(device, "layer_norm.cu", dtype)
        kernels.launch("layer_norm_input_gradient", blocks_of(rows, warps), THREADS, *arguments)
    return dx


def layer_norm_parameter_gradients(device: Device, g: Array, x: Array, mean: Array, r: Array) -> tuple[Array, Array]:
    """dgamma and dbeta, each [D]."""
    (rows, width), dtype = x.shape, dtype_name(x)
    length = max(ROWS_PER_SLICE, blocks_for(rows, MAX_GRID_YZ))
    slices = blocks_for(rows, length)
    partial = device.empty((slices, 2 * width), dtype)
    if width:
        grid = (blocks_for(width, 32), slices)
        arguments = (g, x, mean, r, partial, rows, width, length)
        kernels = load_kernels(device, "layer_norm.cu", dtype)
        kernels.launch("layer_norm_parameter_sums", grid, (32, 8), *arguments)
    sums = partial.reshape(2 * width) if slices == 1 else column_sum(device, partial)
    return sums[:width], sums[width:]


@register(layer_norm_pair)
class layer_norm_cuda:
    """y = gamma xhat + beta for rows x; saved: x, gamma, mean and r."""

    @staticmethod
    def forward(x: Array, gamma: Any, beta: Any, eps: float) -> tuple[Array, Any]:
        x, gamma = dense(x), dense_or_none(gamma)
        y, mean, r = layer_norm_forward(device_of(x), x, gamma, dense_or_none(beta), eps)
        return y, (x, gamma, mean, r)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, gamma, mean, r = saved
        device, g = device_of(x), dense(g)
        dx = layer_norm_input_gradient(device, g, x, gamma, mean, r) if needs[0] else None
        if not (needs[1] or needs[2]):
            return dx, None, None
        return dx, *layer_norm_parameter_gradients(device, g, x, mean, r)


@register(rms_norm_pair)
class rms_norm_cuda:
    """y = gamma x r over the last k dimensions; saved: x as rows, gamma, the mean 0, and r."""

    @staticmethod
    def forward(x: Array, gamma: Any, k: int, eps: float) -> tuple[Array, Any]:
        width = prod(x.shape[x.ndim - k :])
        rows = dense(x).reshape(prod(x.shape[: x.ndim - k]), width)
        flat = None if gamma is None else dense(gamma).reshape(width)
        y, mean, r = layer_norm_forward(device_of(x), rows, flat, None, eps, centred=False)
        return y.reshape(x.shape), (rows, flat, mean, r, None if gamma is None else gamma.shape)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, gamma, mean, r, shape = saved
        device, rows, dx, dgamma = device_of(x), dense(g).reshape(x.shape), None, None
        if needs[0]:
            dx = layer_norm_input_gradient(device, rows, x, gamma, mean, r, centred=False).reshape(g.shape)
        if needs[1]:
            dgamma = layer_norm_parameter_gradients(device, rows, x, mean, r)[0].reshape(shape)
        return dx, dgamma
