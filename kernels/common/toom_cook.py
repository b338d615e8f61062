"""The matrices of Winograd's convolution, by polynomials (Toom and Cook; Lavin and Gray 2015, section 4).

    F(m, r): m outputs from a = m + r - 1 inputs d and r taps g      y = A ((G g) * (B d))

Both sides are values of polynomials in a - 1 points and at infinity, where the products are taken. In two dimensions
the transforms go along rows and columns: Y = A ((G g G^T) * (B d B^T)) A^T.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Matrices(NamedTuple):
    """A (m, a), B (a, a) and G (a, r), float64."""

    a: np.ndarray
    b: np.ndarray
    g: np.ndarray


def matrices(points: tuple[float, ...], r: int) -> Matrices:
    """Of r taps for the products in these points and at infinity."""
    finite, m = np.array(points, np.float64), len(points) + 2 - r
    others = [np.delete(finite, i) for i in range(len(finite))]
    a = np.vstack([np.vander(finite, m, increasing=True), np.eye(m)[-1]]).T
    g = np.vstack([np.vander(finite, r, increasing=True), np.eye(r)[-1]])
    g[:-1] /= [[np.prod(x - rest)] for x, rest in zip(finite, others, strict=True)]
    b = np.zeros((len(finite) + 1, len(finite) + 1))
    for i, rest in enumerate(others):
        b[i, :-1] = np.poly(rest)[::-1]
    b[-1] = np.poly(finite)[::-1]
    return Matrices(a, b, g)
