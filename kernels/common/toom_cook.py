"""The matrices of Winograd's convolution, by polynomials (Toom and Cook; Lavin and Gray 2015, section 4).

    F(m, r): m outputs from a = m + r - 1 inputs d and r taps g      y = A ((G g) * (B d))

Both sides are values of polynomials in a - 1 points and at infinity, where the products are taken. In two dimensions
the transforms go along rows and columns: Y = A ((G g G^T) * (B d B^T)) A^T.

The points decide what rounding costs. Powers of large and of small ones cancel in the end and lose digits on the way,
so they lie around 1, and apart. POINTS were searched among eighths and sixteenths, whose matrices A and B are exact: of
F(4, 3) they leave half of the error that 0, 1, -1, 2, -2 leave, and a fifth of the largest one. In float32, as parts of
the root of the mean square of y, for 64 channels: F(2x2, 3x3) 1.3e-7, F(3x3, 3x3) 3e-7, F(4x4, 3x3) 4e-7 to 8e-7,
F(4x4, 5x5) 2e-6, where products of patches have 2e-7 to 4e-7.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

POINTS: dict[int, tuple[float, ...]] = {  # by their number: 0, and pairs whose polynomials share what is even
    2: (0, 1),
    3: (0, 1, -1),
    4: (0, 3 / 4, -3 / 4, 2),
    5: (0, 11 / 16, -11 / 16, 3 / 2, -3 / 2),
    6: (0, 1 / 2, -1 / 2, 1, -1, 5 / 2),
    7: (0, 1 / 2, -1 / 2, 1, -1, 2, -2),
}


class Matrices(NamedTuple):
    """A (m, a), B (a, a) and G (a, r), float64."""

    a: np.ndarray
    b: np.ndarray
    g: np.ndarray


def matrices(m: int, r: int) -> Matrices:
    """Of F(m, r)."""
    finite = np.array(POINTS[m + r - 2], np.float64)
    others = [np.delete(finite, i) for i in range(len(finite))]
    a = np.vstack([np.vander(finite, m, increasing=True), np.eye(m)[-1]]).T
    g = np.vstack([np.vander(finite, r, increasing=True), np.eye(r)[-1]])
    g[:-1] /= [[np.prod(x - rest)] for x, rest in zip(finite, others, strict=True)]
    b = np.zeros((len(finite) + 1, len(finite) + 1))
    for i, rest in enumerate(others):
        b[i, :-1] = np.poly(rest)[::-1]
    b[-1] = np.poly(finite)[::-1]
    return Matrices(a, b, g)
