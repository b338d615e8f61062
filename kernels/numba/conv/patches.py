"""Convolution by patches, of any geometry: read where they lie, multiplied and given to their places in one call."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xdl.functional.conv.conv import Geometry
from xdl.threads import get_num_threads, parallel

from ...common.buffers import empty
from ...common.turning import CHANNELS_LAST, turned
from .. import sharing
from ..compiled import Compiled
from .plan import Plan, Strips, forward_plan, input_plan, ranges, weight_strips

TABLE, LIST = "int64[:, ::1]", "int64[::1]"
NARROW, WIDE = 64, 128  # bytes of a panel's row
MULTIPLY = 0.01  # nanoseconds of a multiplication and an addition
PARTS, PIXELS = 8, 1024  # of a gradient of filters at most, and pixels of one at least
SUMS = 1 << 18  # numbers of sums at a time

convolve = Compiled(
    "conv.patches.convolve",
    f"T[:, :, ::1], T[:, :, ::1], T[::1], {LIST}, {TABLE}, {TABLE}, {TABLE}, {LIST}, {LIST}, int64, int64, int64, "
    "T[:, :, :, ::1], T[::1], T[:, ::1], T, int64, int64",
)
add_filters = Compiled(
    "conv.patches.add_filters",
    f"T[:, :, ::1], T[:, ::1], {LIST}, {TABLE}, {LIST}, {TABLE}, {LIST}, int64, int64, int64, T[:, ::1], T[::1], "
    "T[:, :, ::1], int64, int64",
)
pack_filters = Compiled("conv.filters.pack_filters", f"T[:, :, :], {LIST}, T[:, :, ::1]")
sum_filters = Compiled("conv.filters.sum_filters", f"T[:, :, ::1], {LIST}, T[:, :, ::1]")
LOOPS = {
    "forward": (convolve, pack_filters),
    "input_grad": (convolve, pack_filters),
    "weight_grad": (add_filters, sum_filters),
}


def forward(x: np.ndarray, w: np.ndarray, b: np.ndarray | None, geometry: Geometry, slope: float = 1.0) -> np.ndarray:
    """f(y) (N, O, OH, OW) in channels-last memory. slope: of f where y < 0."""
    plan, (o, c, *_) = forward_plan(x.shape, w.shape, geometry), w.shape
    y = empty((len(x), *plan.grids[0, :2].tolist(), o), x.dtype)
    _convolve(plan, x, w.reshape(geometry.groups, -1, c, w[0, 0].size), b, y, slope)
    return y.transpose(0, 3, 1, 2)


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory."""
    plan, (n, c, *size) = input_plan(g.shape, w.shape, tuple(shape), geometry), shape
    dx, filters = empty((n, *size, c), g.dtype), w.reshape(geometry.groups, -1, w.shape[1], w[0, 0].size)
    _convolve(plan, g, filters.swapaxes(1, 2), None, dx, 1.0)
    return dx.transpose(0, 3, 1, 2)


def _convolve(plan: Plan, x: np.ndarray, w: np.ndarray, b: np.ndarray | None, y: np.ndarray, slope: float) -> None:
    """Fills y (N, YH, YW, Y) for w (groups, Y / groups, C / groups, taps) and b (Y,)."""
    rows, o, dtype = image_rows(x), w.shape[1], x.dtype
    for group, filters in enumerate(w):
        packed = pack(filters, plan.order)
        bias = np.zeros(len(packed) * packed.shape[2], dtype)
        if b is not None:
            bias[:o] = b[group * o : (group + 1) * o]
        _convolve_group(plan, rows, packed, bias, y, group, o, slope)


def _convolve_group(
    plan: Plan, x: np.ndarray, packed: np.ndarray, bias: np.ndarray, y: np.ndarray, group: int, o: int, slope: float
) -> None:
    dtype, tables = x.dtype, (packed, bias, plan.offsets, plan.runs, plan.grids, plan.blocks, plan.frame, plan.apart)
    sums = (0 if plan.dense and y.shape[3] == o == len(bias) else plan.pixels), len(bias)

    def part(low: int, high: int, _: int) -> None:
        room, z = empty((plan.room,), dtype), empty(sums, dtype)
        convolve[dtype](x, *tables, group * plan.depth, group * o, o, y, room, z, slope, low, high)

    share(part, len(plan.blocks), y[..., :o].size / len(plan.grids) * plan.k)


def pack(w: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The panels (P, T K, WIDTH) of w (M, K, taps), of T taps in this order."""
    m, k, _ = w.shape
    columns = panel_columns(m, w.itemsize)
    panels = empty((-(-m // columns), len(order) * k, columns), w.dtype)
    pack_filters[w.dtype](w, order, panels)
    return panels


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C / G, KH, KW) = shape."""
    strips, rows, (o, c, *_) = weight_strips(x.shape, tuple(shape), geometry), image_rows(x), shape
    pixels, dw, each = turned(g, CHANNELS_LAST).reshape(-1, o), empty(tuple(shape), g.dtype), o // geometry.groups
    for group in range(geometry.groups):
        sums = _filters(strips, rows, pixels, group, each)
        sum_filters[g.dtype](sums, strips.rows, dw[group * each : (group + 1) * each].reshape(each, c, -1))
    return dw


def _filters(strips: Strips, x: np.ndarray, g: np.ndarray, group: int, o: int) -> np.ndarray:
    """dw (parts, rows, O or more), in parts whose number depends on the shapes alone."""
    plan, columns, dtype = strips.plan, panel_columns(o, x.itemsize), x.dtype
    panels, every, blocks = -(-o // columns), len(strips.strips), len(plan.blocks)
    size = strips.height * panels * columns
    parts = ranges(blocks, max(1, min(PARTS, blocks, len(g) // PIXELS, PARTS * SUMS // size)))
    cuts = ranges(every, min(every, max(-(-size // SUMS), PARTS // len(parts))))
    sums = empty((len(parts), strips.height, panels * columns), dtype)
    jobs = [(part, strips.strips[slice(*cut)], *ends) for cut in cuts for part, ends in enumerate(parts)]

    def piece(low: int, high: int, _: int) -> None:
        room, packed = empty((plan.room,), dtype), empty((panels, plan.pixels, columns), dtype)
        for part, own, *ends in jobs[low:high]:
            into = sums[part, own[0, 2] : own[-1, 2] + own[-1, 1]]
            into.fill(0)
            tables = plan.offsets, own, plan.grids[0], plan.blocks, plan.frame
            add_filters[dtype](x, g, *tables, group * plan.depth, group * o, o, into, room, packed, *ends)

    share(piece, len(jobs), len(g) * plan.k * o)
    return sums


def panel_columns(m: int, size: int) -> int:
    """Of each panel of a matrix with m columns of numbers of a size."""
    return (NARROW if m * size <= NARROW else WIDE) // size


def image_rows(x: np.ndarray) -> np.ndarray:
    """x (N, C, H, W) as (N, H, W C)."""
    n, c, h, w = x.shape
    return turned(x, CHANNELS_LAST).reshape(n, h, w * c)


def share(part: Callable[[int, int, int], None], n: int, operations: float) -> None:
    """part(0, n, 0), shared out to threads where so many multiplications are worth it."""
    if operations * MULTIPLY < sharing.WORTH or get_num_threads() == 1:
        part(0, n, 0)
    else:
        parallel(part, n)
