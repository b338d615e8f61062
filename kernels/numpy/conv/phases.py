"""The gradient of a strided convolution's input, phase by phase, in channels-last memory.

With strides SH, SW the pixels of dx fall into SH SW phases: every SH-th row and SW-th column. Of the turned filters
only every SH-th and SW-th tap meets a phase, so a phase is the convolution of g with these taps. Phases with equally
many taps meet the same windows of g, so they are one product with all their filters side by side:

    4x4 taps, stride 2      four phases of 2x2 taps: one product
    3x3 taps, stride 2      of 2x2, 2x1, 1x2 and 1x1 taps: four products
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby, product
from typing import Any, NamedTuple

import numpy as np

from xdl.functional.conv.conv import Geometry

from ...common.buffers import empty
from ..layout import pixels


class Phase(NamedTuple):
    """Of one dimension: which taps meet its pixels, the pixels, and the windows of g that give them.

    taps:    the filter's own, first to last
    into:    the places in dx
    padding: the zeros that g needs at both ends
    out:     which windows of g, padded so, belong to the places
    """

    taps: range
    into: slice
    padding: int
    out: slice

    def padded(self, padding: int) -> slice:
        """`out` for g with more padding."""
        more = padding - self.padding
        return slice(self.out.start + more, self.out.stop + more)


Pair = tuple[Phase, Phase]  # of rows and of columns


def input_grad(
    g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], geometry: Geometry, convolve: Callable[..., np.ndarray]
) -> np.ndarray:
    """dx (N, H, W, C) = shape from g (N, OH, OW, O); convolve: as that of `im2col_last.py`. No taps are dilated."""
    dx = empty(shape, g.dtype)
    rows, columns = (_phases(i, w.shape[2 + i], g.shape[1 + i], shape[1 + i], geometry) for i in (0, 1))
    for (high, wide), pairs in groupby(sorted(product(rows, columns), key=_taps), _taps):
        group = list(pairs)
        if high and wide and dx.size:
            _convolved(g, w, dx, group, convolve)
        else:
            for row, column in group:
                dx[:, row.into, column.into] = 0
    return dx


def _taps(pair: Pair) -> tuple[int, int]:
    return len(pair[0].taps), len(pair[1].taps)


def _convolved(
    g: np.ndarray, w: np.ndarray, dx: np.ndarray, pairs: list[Pair], convolve: Callable[..., np.ndarray]
) -> None:
    """Fills the phases of dx, which have equally many taps."""
    taps, c = _taps(pairs[0]), w.shape[1]
    padding = max(row.padding for row, _ in pairs), max(column.padding for _, column in pairs)
    filters = empty((*taps, len(w), len(pairs), c), w.dtype)
    for i, (row, column) in enumerate(pairs):
        filters[:, :, :, i] = w[:, :, list(row.taps)][..., list(column.taps)].transpose(2, 3, 0, 1)[::-1, ::-1]
    around = Geometry((1, 1), padding, (1, 1), 1)
    y: Any = convolve(g, filters.reshape(-1, len(pairs) * c), None, taps, around)
    y = y.reshape(*y.shape[:3], len(pairs), c)
    for i, (row, column) in enumerate(pairs):
        part = y[:, row.padded(padding[0]), column.padded(padding[1]), i]
        np.copyto(pixels(dx[:, row.into, column.into]), pixels(part))


def _phases(dimension: int, taps: int, outputs: int, size: int, geometry: Geometry) -> list[Phase]:
    """All phases of rows (0) or columns (1): for u < s the places s a + u - p of dx, where g at a, a - 1, ... meets
    the taps u, u + s, ..."""
    s, p = geometry.stride[dimension], geometry.padding[dimension]
    found = []
    for u in range(s):
        met = range(u, taps, s)
        first = max(0, -((u - p) // s))
        start = s * first + u - p
        places = len(range(start, size, s))
        padding = max(0, len(met) - 1 - first, first + places - outputs)
        begin = first + padding - len(met) + 1
        found.append(Phase(met, slice(start, size, s), padding, slice(begin, begin + places)))
    return found
