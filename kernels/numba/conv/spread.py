"""dx of images with few channels: one product for all taps of the filters, added to the pixels that they met."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from xdl.functional.conv.conv import Geometry

from ...common.buffers import empty
from ..compiled import Compiled
from ..sharing import over
from .orders import channels_last
from .patches import LIST, MULTIPLY, TABLE, pack, pack_filters

PIXELS = 768  # of g at a time

spread = Compiled(
    "conv.spread.spread",
    f"T[:, :, ::1], T[:, :, ::1] | T[:, :, ::1], T[::1], {LIST}, {LIST}, {TABLE}, {TABLE}, {LIST}, int64",
)
LOOPS = {"input_grad": (spread, pack_filters)}


@lru_cache(maxsize=1024)
def _tables(o: int, output: tuple[int, int], kernel: tuple[int, int], c: int, geometry: Geometry) -> list[np.ndarray]:
    """offsets, channels, runs and grid of the loop."""
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = kernel, *geometry[:3]
    if dw == 1:
        runs = [(i * dh - ph, -pw * c, kw * c) for i in range(kh)]
    else:
        runs = [(i * dh - ph, (j * dw - pw) * c, c) for i in range(kh) for j in range(kw)]
    tables = (np.arange(output[0] * output[1]) * o, [(0, o, 0)], runs, (sh, sw * c, output[1]))
    return [np.array(table, np.int64) for table in tables]


def input_grad(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry) -> np.ndarray:
    """dx (N, C, H, W) = shape in channels-last memory, of one group."""
    (n, o, oh, ow), (_, c, kh, kw), (h, width), dtype = g.shape, w.shape, shape[2:], g.dtype
    *tables, grid = _tables(o, (oh, ow), (kh, kw), c, geometry)
    packed = pack(w.transpose(2, 3, 1, 0).reshape(-1, o, 1), np.zeros(1, np.int64))
    last, dx = channels_last(g).reshape(n, -1, o), empty((n, h, width, c), dtype)
    bias, band = np.zeros(len(packed) * packed.shape[2], dtype), max(1, min(oh, PIXELS // ow))
    cost, parted = MULTIPLY * g.size * w[0].size / n, [last, dx.reshape(n, h, width * c)]
    offsets, *others = tables
    places = np.arange(band * ow) * len(bias)
    over(spread[dtype], cost, parted, packed, bias, offsets, places, *others, grid, band)
    return dx.transpose(0, 3, 1, 2)
