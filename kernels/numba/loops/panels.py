"""Products with a matrix that many steps share, packed once into panels of columns: see tile.py."""

from __future__ import annotations

from .template import loop
from .tile import SOME, TALL, one, some, tall


@loop
def multiply(a, panels, y, more):
    """y = a w, or y + a w with `more`: a (N, K), w (K, M) in panels (P, K, WIDTH), y (N or more, P WIDTH).

    Each panel stays in the cache while all rows pass it.
    """
    n = a.shape[0]
    for j in range(panels.shape[0]):
        i = 0
        while i + TALL <= n:
            tall(a, i, panels, j, y, more)
            i += TALL
        while i + SOME <= n:
            some(a, i, panels, j, y, more)
            i += SOME
        while i < n:
            one(a, i, panels, j, y, more)
            i += 1
