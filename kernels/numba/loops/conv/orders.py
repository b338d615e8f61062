"""Matrices turned over, square by square of numbers: see ../matmul/transpose.py."""

from __future__ import annotations

from ..matmul.transpose import transpose_square
from ..template import Each, loop

LANES = Each(float32=16, float64=8)


@loop
def turn_images(x, y):
    """y (N, P, C) = x (N, C, P), neither C nor P less than a vector; the last numbers of x lie side by side.

    The last square of a row ends with the row: it writes some numbers a second time. Those of some rows of x come one
    after the other, so that each row is read as it lies.
    """
    _, c, p = x.shape
    for n in range(x.shape[0]):
        own, into = x[n], y[n]
        for k in range(0, c, LANES):
            row = min(k, c - LANES)
            for j in range(0, p, LANES):
                column = min(j, p - LANES)
                transpose_square(own, row, column, into, column, row)
