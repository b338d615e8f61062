"""Clipping of gradients, compiled: their norm in one pass over all of them, and one that scales what is too long.

Gradients that are short enough are not written at all. The norm's sums are of SUM numbers each, so that no bit depends
on the threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import Any

import numpy as np

from xdl.optim.clip_slots import TINY, limit_parts, parts_norm, scale_parts
from xdl.threads import parallel

from ...common.memory_order import memory_order
from .. import sharing
from ..compiled import Compiled
from ..sharing import REALS, over
from ..slots import register

squares = Compiled("optim.clip.squares", "T[::1]", "T")
magnitudes = Compiled("optim.clip.magnitudes", "T[::1]", "T")
largest = Compiled("optim.clip.largest", "T[::1]", "T")
scale = Compiled("optim.clip.scale", "T[::1] | T")
limit = Compiled("optim.clip.limit", "T[::1] | T")
SIZES = {1: magnitudes, 2: squares, inf: largest}  # by the p of a norm
SUM = 1 << 16  # numbers of which one sum is made
COST = 0.2  # nanoseconds a number
WHY = "float32 or float64 without gaps in memory"


def line(x: np.ndarray) -> np.ndarray:
    """The numbers of an array without gaps in the order of its memory, which it shares."""
    return (x if x.flags.c_contiguous else x.transpose(memory_order(x))).reshape(-1)


def _lines(dtype: np.dtype[Any], arrays: Iterable[np.ndarray]) -> bool:
    """Whether loops take these arrays as they lie: of this type, without gaps."""
    return dtype in REALS and all(
        x.dtype == dtype and x.flags.aligned and x.flags.writeable and memory_order(x) is not None for x in arrays
    )


def _normed(norm: np.ndarray, parts: list[np.ndarray], p: float) -> bool:
    return p in SIZES and _lines(norm.dtype, parts)


@register(parts_norm, *SIZES.values(), when=_normed, why=f"{WHY}, p of 1, 2 or infinity")
class parts_norm_compiled:
    """A number for each SUM elements of each part, and their sum, or largest, in float64."""

    @staticmethod
    def forward(norm: np.ndarray, parts: list[np.ndarray], p: float) -> tuple[None, None]:
        loop, lines = SIZES[p][norm.dtype], [line(x) for x in parts]
        pieces = [x[low : low + SUM] for x in lines for low in range(0, len(x), SUM)]
        found = np.zeros(len(pieces) + 1)

        def part(low: int, high: int, thread: int) -> None:
            for i in range(low, high):
                found[i] = loop(pieces[i])

        _shared(part, len(pieces), sum(map(len, lines)))
        norm[...] = found.max() if p == inf else found.sum() ** (1 / p)
        return None, None


def _shared(part: Callable[[int, int, int], Any], pieces: int, numbers: int) -> None:
    """part on all pieces, on several threads where there are enough numbers."""
    if numbers * COST < sharing.WORTH:
        part(0, pieces, 0)
    else:
        parallel(part, pieces)


@register(scale_parts, scale, when=lambda norm, parts, _: _lines(norm.dtype, parts), why=WHY)
class scale_parts_compiled:
    """Each part in one pass, where the factor is not 1."""

    @staticmethod
    def forward(norm: np.ndarray, parts: list[np.ndarray], limit: float) -> tuple[None, None]:
        factor = np.minimum(limit / (norm + TINY), norm.dtype.type(1))
        if factor != 1:
            for x in parts:
                if x.size < SUM:
                    np.multiply(x, factor, out=x)  # the call alone takes longer than a loop would gain
                else:
                    over(scale[norm.dtype], COST, [line(x)], factor)
        return None, None


@register(limit_parts, limit, when=lambda first, others, _: _lines(first.dtype, (first, *others)), why=WHY)
class limit_parts_compiled:
    """Each part in one pass."""

    @staticmethod
    def forward(first: np.ndarray, others: list[np.ndarray], most: float) -> tuple[None, None]:
        for x in (first, *others):
            over(limit[x.dtype], COST, [line(x)], most)
        return None, None
