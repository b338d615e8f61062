"""Launches of group_norm.cu. Notation: x [N, C, S], gamma, beta [C], mean, r [N, G] for G groups of channels."""

from __future__ import annotations

from math import prod
from typing import Any

from xdl.backend import Array, dtype_name
from xdl.functional.norm.group_norm import group_norm_pair

from ..launch import Device, load_kernels
from ..reduce.column_sum import column_sum
from ..slots import dense, dense_or_none, device_of, register
from .layer_norm import THREADS, blocks_of, team_of


def group_norm_forward(
    device: Device, x: Array, groups: int, gamma: Array | None, beta: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    """y, and mean and r = 1 / sqrt(var + eps) of each sample's groups."""
    (images, channels, positions), dtype = x.shape, dtype_name(x)
    y, mean, r = (device.empty(shape, dtype) for shape in (x.shape, (images, groups), (images, groups)))
    if images * channels * positions:
        rows, group_channels = images * groups, channels // groups
        warps = team_of(group_channels * positions)
        arguments = (x, gamma, beta, y, mean, r, rows, groups, group_channels, positions, warps, eps)
        kernels = load_kernels(device, "group_norm.cu", dtype)
        kernels.launch("group_norm_forward", blocks_of(rows, warps), THREADS, *arguments)
    return y, mean, r


def group_norm_backward(
    device: Device, g: Array, x: Array, groups: int, gamma: Array | None, mean: Array, r: Array
) -> tuple[Array, Array]:
    """dx, and sums [N, 2 C]: of each sample's channels those of g xhat, then those of g."""
    (images, channels, positions), dtype = x.shape, dtype_name(x)
    dx, sums = device.empty(x.shape, dtype), device.empty((images, 2 * channels), dtype)
    kernels = load_kernels(device, "group_norm.cu", dtype)
    planes, rows, group_channels = images * channels, images * groups, channels // groups
    if planes:
        warps = team_of(positions)
        arguments = (g, x, mean, r, sums, planes, channels, group_channels, positions, warps)
        kernels.launch("group_norm_plane_sums", blocks_of(planes, warps), THREADS, *arguments)
    if planes * positions:
        warps = team_of(group_channels * positions)
        arrays = (g, x, gamma, mean, r, sums, dx)
        sizes = (rows, groups, group_channels, positions, warps)
        kernels.launch("group_norm_input_gradient", blocks_of(rows, warps), THREADS, *arrays, *sizes)
    return dx, sums


@register(group_norm_pair)
class group_norm_cuda:
    """y = gamma xhat + beta for x in groups; saved: x, groups, gamma, mean and r."""

    @staticmethod
    def forward(x: Array, gamma: Any, beta: Any, groups: int, eps: float) -> tuple[Array, Any]:
        planes, gamma = _planes(x), dense_or_none(gamma)
        y, mean, r = group_norm_forward(device_of(x), planes, groups, gamma, dense_or_none(beta), eps)
        return y.reshape(x.shape), (planes, groups, gamma, mean, r)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        device, channels = device_of(g), g.shape[1]
        dx, sums = group_norm_backward(device, _planes(g), *saved)
        if not (needs[1] or needs[2]):
            return dx.reshape(g.shape), None, None
        total = column_sum(device, sums)
        return dx.reshape(g.shape), total[:channels], total[channels:]


def _planes(x: Array) -> Array:
    """x [N, C, ...] as [N, C, S]."""
    return dense(x).reshape(*x.shape[:2], prod(x.shape[2:]))
