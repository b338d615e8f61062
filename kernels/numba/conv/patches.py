"""Convolution by patches, of any geometry: read where they lie, multiplied and given to their places in one call."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from xdl.functional.conv.conv import Geometry

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import over
from .orders import channels_last
from .plan import Plan, Strips, forward_plan, input_plan, ranges, weight_strips

TABLE, LIST = "int64[:, ::1]", "int64[::1]"
NARROW, WIDE = 64, 128  # bytes of a panel's row
MULTIPLY = 0.01  # nanoseconds of a multiplication and an addition
PARTS, PIXELS = 8, 1024  # of a gradient of filters at most, and pixels of one at least
SUMS = 1 << 18  # numbers of sums at a time

convolve = Compiled(
    "conv.patches.convolve",
    f"{TABLE} | T[:, :, ::1], T[:, :, ::1], T[::1], {LIST}, {LIST}, {TABLE}, {TABLE}, {LIST}, {LIST}, int64, int64, "
    "int64, T[:, :, :, ::1], int64, int64, T",
)
add_filters = Compiled(
    "conv.patches.add_filters",
    f"{TABLE} | T[:, :, ::1], T[:, ::1], {LIST}, {TABLE}, {LIST}, {TABLE}, {LIST}, int64, int64, int64, int64, int64, "
    "int64, T[:, :, ::1]",
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
    into_y = len(bias) == o and (slope == 1.0 or o == y.shape[3])
    pixels, places = (0, plan.places) if into_y else (plan.pixels, np.arange(plan.pixels) * len(bias))
    tables = packed, bias, plan.offsets, places, plan.runs, plan.grids, plan.frame, plan.apart
    cost = MULTIPLY * y[..., :o].size / len(plan.grids) * plan.k / len(plan.blocks)
    own = group * plan.depth, group * o, o, y, plan.room, pixels, slope
    over(convolve[x.dtype], cost, [plan.blocks], x, *tables, *own)


def pack(w: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The panels (P, T K, WIDTH) of w (M, K, taps), of T taps in this order."""
    m, k, _ = w.shape
    columns = panel_columns(m, w.itemsize)
    panels = empty((-(-m // columns), len(order) * k, columns), w.dtype)
    pack_filters[w.dtype](w if w.flags.behaved else w.copy(), order, panels)
    return panels


def weight_grad(g: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dw (O, C / G, KH, KW) = shape."""
    strips, rows, (o, c, *_) = weight_strips(x.shape, tuple(shape), geometry), image_rows(x), shape
    pixels, dw, each = channels_last(g).reshape(-1, o), empty(tuple(shape), g.dtype), o // geometry.groups
    for group in range(geometry.groups):
        sums = _filters(strips, rows, pixels, group, each)
        sum_filters[g.dtype](sums, strips.rows, dw[group * each : (group + 1) * each].reshape(each, c, -1))
    return dw


def _filters(strips: Strips, x: np.ndarray, g: np.ndarray, group: int, o: int) -> np.ndarray:
    """dw (parts, rows, O or more), in parts whose number depends on the shapes alone."""
    plan, columns = strips.plan, panel_columns(o, x.itemsize)
    width = -(-o // columns) * columns
    jobs, parts = _jobs(len(strips.strips), len(plan.blocks), strips.height * width, len(g))
    sums = empty((parts, strips.height, width), x.dtype)
    tables = plan.offsets, strips.strips, plan.grids[0], plan.blocks, plan.frame
    own = group * plan.depth, group * o, o, columns, plan.room, 0 if columns == o == g.shape[1] else plan.pixels, sums
    over(add_filters[x.dtype], MULTIPLY * len(g) * plan.k * o / len(jobs), [jobs], x, g, *tables, *own)
    return sums


@lru_cache(maxsize=1024)
def _jobs(every: int, blocks: int, size: int, pixels: int) -> tuple[np.ndarray, int]:
    """`jobs` for so many strips and blocks, a part of whose sums has a size, and how many parts there are."""
    parts = ranges(blocks, max(1, min(PARTS, blocks, pixels // PIXELS, PARTS * SUMS // size)))
    cuts = ranges(every, min(every, max(-(-size // SUMS), PARTS // len(parts))))
    return np.array([(part, *cut, *ends) for cut in cuts for part, ends in enumerate(parts)]), len(parts)


def panel_columns(m: int, size: int) -> int:
    """Of each panel of a matrix with m columns of numbers of a size."""
    return (NARROW if m * size <= NARROW else WIDE) // size


def filters(w: np.ndarray) -> np.ndarray:
    """w (O, C, KH, KW) as (O, C, taps), the taps side by side in memory that could be written."""
    taps = w.reshape(*w.shape[:2], -1)
    return taps if taps.flags.behaved and taps.strides[2] == taps.itemsize else np.array(taps, order="C")


def image_rows(x: np.ndarray) -> np.ndarray:
    """x (N, C, H, W) as (N, H, W C)."""
    n, c, h, w = x.shape
    return channels_last(x).reshape(n, h, w * c)
