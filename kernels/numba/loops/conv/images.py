"""Convolution of few channels with the images last, which are the vectors: see image_tile.py.

The last of several filters are computed with some of those before, a second time: the numbers are the same.
"""

from __future__ import annotations

from ..ramp import ramp_in_place
from ..template import Each, loop
from .image_tile import FILTERS, TAPS, one, one_dots, some, some_dots

WIDTH = Each(float32=64, float64=32)  # images of a tile


@loop
def convolve_images(rows, x, w, bias, places, y, columns, steps, slope):
    """The rows of these numbers of f(y), y (O, OH OW N) of x, padded, by w (O, K) of stride 1.

    columns: OW; steps: numbers of x from row to row and from pixel to pixel, N; slope: of f, see ../ramp.py
    """
    o, n = w.shape[0], steps[1]
    blocks = n // WIDTH
    for p in rows:
        for q in range(columns):
            for block in range(blocks):
                start, j, f = p * steps[0] + q * n + block * WIDTH, (p * columns + q) * blocks + block, 0
                while o >= FILTERS and f < o:
                    f = min(f, o - FILTERS)
                    some(w, f, x, start, places, bias, y, j)
                    f += FILTERS
                while f < o:
                    one(w, f, x, start, places, bias, y, j)
                    f += 1
        if slope != 1.0:
            for f in range(o):
                ramp_in_place(y[f, p * columns * n : (p + 1) * columns * n], slope)


@loop
def image_filters(tiles, x, g, places, length, step, dw):
    """dw (O, K) for the tiles of these numbers, of taps and filters; g (O, OH OW N), rows of `length` numbers."""
    o = g.shape[0]
    columns = -(-o // FILTERS)
    for tile in tiles:
        k, f = tile // columns * TAPS, tile % columns * FILTERS
        if o >= FILTERS:
            some_dots(g, min(f, o - FILTERS), x, step, places, k, length, dw)
        else:
            while f < o:
                one_dots(g, f, x, step, places, k, length, dw)
                f += 1
