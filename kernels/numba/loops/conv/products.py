"""Products with patches, cut into tiles: see tile.py.

Panels are two vectors wide, or one, where the matrix has no more columns.
"""

from __future__ import annotations

from ..template import Each, loop
from .tile import (
    MOST,
    SOME,
    most,
    most_narrow,
    most_narrow_turned,
    most_turned,
    one,
    one_narrow,
    some,
    some_narrow,
    some_narrow_turned,
    some_turned,
)

NARROW = Each(float32=16, float64=8)  # numbers of a vector


@loop
def multiply(x, start, offsets, count, runs, panels, bias, z, places):
    """z = patches panels + bias, of as many pixels as count says: P WIDTH numbers of each, from its place in z on."""
    narrow = panels.shape[2] == NARROW
    for j in range(panels.shape[0]):
        i = 0
        while i + MOST <= count:
            if narrow:
                most_narrow(x, start, offsets, i, runs, panels, bias, j, z, places)
            else:
                most(x, start, offsets, i, runs, panels, bias, j, z, places)
            i += MOST
        while i + SOME <= count:
            if narrow:
                some_narrow(x, start, offsets, i, runs, panels, bias, j, z, places)
            else:
                some(x, start, offsets, i, runs, panels, bias, j, z, places)
            i += SOME
        while i < count:
            if narrow:
                one_narrow(x, start, offsets, i, runs, panels, bias, j, z, places)
            else:
                one(x, start, offsets, i, runs, panels, bias, j, z, places)
            i += 1


@loop
def add_product(x, start, offsets, strips, panels, dw):
    """dw (rows of these strips, P WIDTH) += patches^T panels.

    strips (S, 3): where the first number of each lies in a patch, how many it has, a multiple of SOME, its row of dw
    """
    narrow = panels.shape[2] == NARROW
    for j in range(panels.shape[0]):
        for strip in strips:
            at, k = strip[0], strip[2] - strips[0, 2]
            end = k + strip[1]
            while k + MOST <= end:
                if narrow:
                    most_narrow_turned(x, start, offsets, at, panels, j, dw, k)
                else:
                    most_turned(x, start, offsets, at, panels, j, dw, k)
                k, at = k + MOST, at + MOST
            while k < end:
                if narrow:
                    some_narrow_turned(x, start, offsets, at, panels, j, dw, k)
                else:
                    some_turned(x, start, offsets, at, panels, j, dw, k)
                k, at = k + SOME, at + SOME
