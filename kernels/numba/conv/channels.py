"""Depthwise convolution: one filter for each channel, whose vectors are channels."""

from __future__ import annotations

import numpy as np

from xdl.functional.conv.conv import Geometry

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import over, plain
from .patches import LIST, MULTIPLY, PARTS, PIXELS, TABLE, image_rows, sum_filters
from .plan import Plan, forward_plan, input_plan, ranges

VECTOR = 64  # bytes
COST = 4 * MULTIPLY  # nanoseconds

convolve_channels = Compiled(
    "conv.channels.convolve_channels",
    f"{TABLE} | T[:, :, ::1], T[:, ::1], T[::1], {LIST}, {LIST}, {TABLE}, {LIST}, {LIST}, T[:, :, :, ::1], int64, "
    "int64",
)
add_channel_filters = Compiled(
    "conv.channels.add_channel_filters",
    f"{TABLE}, T[:, :, ::1] | T[:, :, ::1], T[:, ::1], {LIST}, {LIST}, {LIST}, {TABLE}, {LIST}, int64, int64",
)
LOOPS = {
    "forward": (convolve_channels,),
    "input_grad": (convolve_channels,),
    "weight_grad": (add_channel_filters, sum_filters),
}


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, C, OH, OW) in channels-last memory."""
    plan = forward_plan(x.shape, w.shape, geometry, _filled(x) != x.shape[1])
    y = empty((len(x), *plan.grids[0, :2].tolist(), x.shape[1]), x.dtype)
    _convolve(plan, x, w, b, y)
    return y.transpose(0, 3, 1, 2)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    plan = input_plan(g.shape, w.shape, tuple(shape), geometry, _filled(g) != g.shape[1])
    dx = empty((shape[0], *shape[2:], shape[1]), g.dtype)
    _convolve(plan, g, w, None, dx)
    return dx.transpose(0, 3, 1, 2)


def _convolve(plan: Plan, x: np.ndarray, w: np.ndarray, b: np.ndarray | None, y: np.ndarray) -> None:
    rows, (c, *_), dtype, full = image_rows(x), w.shape, x.dtype, _filled(x)
    filters, bias = np.zeros((len(plan.order), full), dtype), np.zeros(full, dtype)
    filters[:, :c] = w.reshape(c, -1).T[plan.order]
    if b is not None:
        bias[:c] = b
    tables = plan.offsets, plain(plan.runs[:, 0]), plan.grids, plan.frame, plan.apart
    own, cost = (plan.room, 0 if plan.dense and full == c else plan.pixels), COST * y.size * len(plan.order)
    over(convolve_channels[dtype], cost / len(plan.blocks), [plan.blocks], rows, filters, bias, *tables, y, *own)


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (C, 1, KH, KW) = shape, summed in parts whose number depends on the shapes alone."""
    full, c, dtype, rows = _filled(x), x.shape[1], x.dtype, image_rows(x)
    plan, last = forward_plan(x.shape, tuple(shape), geometry, full != c), plain(g.transpose(0, 2, 3, 1)).reshape(-1, c)
    count, blocks, taps = len(plan.order), len(plan.blocks), plain(plan.runs[:, 0])
    parts = ranges(blocks, max(1, min(PARTS, blocks, len(last) // PIXELS)))
    sums, dw = empty((len(parts), count, full), dtype), empty(tuple(shape), dtype)
    tables = plan.offsets, taps, plan.grids[0], plan.blocks, plan.frame
    own, cost = (plan.room, 0 if full == c else plan.pixels), COST * last.size * count / len(parts)
    over(add_channel_filters[dtype], cost, [np.array(parts), sums], rows, last, *tables, *own)
    sum_filters[dtype](sums, np.arange(count), dw.reshape(c, 1, count))
    return dw


def _filled(x: np.ndarray) -> int:
    """The channels of x (N, C, H, W) with those that fill up the last vector."""
    lanes = VECTOR // x.itemsize
    return int(-(-x.shape[1] // lanes) * lanes)
