"""Depthwise convolution: one filter for each channel, whose vectors are channels."""

from __future__ import annotations

from functools import lru_cache

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
    f"{TABLE} | T[:, :, ::1], int64, T[:, ::1], T[::1], {LIST}, {TABLE}, {LIST}, {LIST}, int64, {LIST}, "
    "T[:, :, :, ::1], int64",
)
add_channel_filters = Compiled(
    "conv.channels.add_channel_filters",
    f"{TABLE}, T[:, :, ::1] | T[:, :, ::1], int64, T[:, ::1], {LIST}, {LIST}, {LIST}, {TABLE}, {LIST}, int64, int64",
)
LOOPS = {
    "forward": (convolve_channels,),
    "input_grad": (convolve_channels,),
    "weight_grad": (add_channel_filters, sum_filters),
}


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry) -> np.ndarray:
    """y (N, C, OH, OW) in channels-last memory."""
    plan = forward_plan(x.shape, w.shape, geometry, _few(x) or x.flags.carray)
    y = empty((len(x), *plan.grids[0, :2].tolist(), x.shape[1]), x.dtype)
    _convolve(plan, x, w, b, y)
    return y.transpose(0, 3, 1, 2)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    plan = input_plan(g.shape, w.shape, tuple(shape), geometry, _few(g) or g.flags.carray)
    dx = empty((shape[0], *shape[2:], shape[1]), g.dtype)
    _convolve(plan, g, w, None, dx)
    return dx.transpose(0, 3, 1, 2)


def _convolve(plan: Plan, x: np.ndarray, w: np.ndarray, b: np.ndarray | None, y: np.ndarray) -> None:
    rows, (c, *_), dtype, full = _rows(x, plan), w.shape, x.dtype, max(w.shape[0], VECTOR // x.itemsize)
    filters, bias = np.zeros((len(plan.order), full), dtype), np.zeros(full, dtype)
    filters[:, :c] = w.reshape(c, -1).T[plan.order]
    if b is not None:
        bias[:c] = b
    tables = plain(plan.runs[:, 0]), plan.grids, _threes(plan), plan.frame, plan.steps[1] * c, plan.apart
    cost = COST * y.size * len(plan.order) / len(plan.blocks)
    over(convolve_channels[dtype], cost, [plan.blocks], *rows, filters, bias, *tables, y, plan.room)


@lru_cache(maxsize=1024)
def _threes(plan: Plan) -> np.ndarray:
    """`threes` of the loop."""
    found = [plan.runs[first:last, 0] for *_, first, last in plan.grids.tolist()]
    side_by_side = [
        len(taps) and len(taps) % 3 == 0 and (np.diff(taps.reshape(-1, 3)) == plan.channels).all() for taps in found
    ]
    return np.array([plan.steps[1] if yes and plan.steps[1] <= 2 else 0 for yes in side_by_side], np.int64)


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (C, 1, KH, KW) = shape, summed in parts whose number depends on the shapes alone."""
    full, c, dtype = _filled(x), x.shape[1], x.dtype
    plan, last = (
        forward_plan(x.shape, tuple(shape), geometry, full != c or x.flags.carray),
        plain(g.transpose(0, 2, 3, 1)).reshape(-1, c),
    )
    count, blocks, taps = len(plan.order), len(plan.blocks), plain(plan.runs[:, 0])
    parts = ranges(blocks, max(1, min(PARTS, blocks, len(last) // PIXELS)))
    sums, dw = empty((len(parts), count, full), dtype), empty(tuple(shape), dtype)
    tables = plan.offsets, taps, plan.grids[0], plan.blocks, plan.frame
    own, cost = (plan.room, 0 if full == c else plan.pixels), COST * last.size * count / len(parts)
    over(add_channel_filters[dtype], cost, [np.array(parts), sums], *_rows(x, plan), last, *tables, *own)
    sum_filters[dtype](sums, np.arange(count), dw.reshape(c, 1, count))
    return dw


def _rows(x: np.ndarray, plan: Plan) -> tuple[np.ndarray, int]:
    """x and `wide` of the loops: planes in C order are turned where they are copied, if squares fit into their rows."""
    n, c, h, w = x.shape
    inside = min(w, (plan.length - int(plan.frame[3])) // c)
    if plan.room and x.flags.carray and min(c, inside) * x.itemsize >= VECTOR:
        return x.reshape(n, c, h * w), w
    return image_rows(x), 0


def _few(x: np.ndarray) -> bool:
    """Whether the channels of x (N, C, H, W) are fewer than a vector has numbers: what is read lies behind its end."""
    return bool(x.shape[1] * x.itemsize < VECTOR)


def _filled(x: np.ndarray) -> int:
    """The channels of x (N, C, H, W) with those that fill up the last vector."""
    lanes = VECTOR // x.itemsize
    return int(-(-x.shape[1] // lanes) * lanes)
