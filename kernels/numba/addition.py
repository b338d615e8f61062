"""Sums of two large arrays, compiled and shared out to threads."""

from __future__ import annotations

import numpy as np

from xdl.addition import addition_pair

from ..common.memory_order import memory_order
from ..common.turning import turned
from .compiled import Compiled
from .sharing import dense, elements, over
from .slots import register

add = Compiled("addition.add", "T[::1], T[::1], T[::1] |")
add_to = Compiled("addition.add_to", "T[::1], T[::1] |")
COST = 0.15  # nanoseconds an element


def _alike(a: np.ndarray, b: np.ndarray, inside: bool) -> bool:
    return dense(a) and a.shape == b.shape and a.dtype == b.dtype and (a.flags.behaved or not inside)


@register(addition_pair, add, add_to, when=_alike, why="float32 or float64 of one shape, without gaps in memory")
class addition_compiled:
    """y = a + b in the order of a's memory."""

    @staticmethod
    def forward(a: np.ndarray, b: np.ndarray, inside: bool) -> tuple[np.ndarray, None]:
        if not inside:
            return elements(add[a.dtype], COST, a, b), None
        order = memory_order(a) or []
        over(add_to[a.dtype], COST, [turned(x, order).reshape(-1) for x in (a, b)])
        return a, None
