"""Convolution of few pixels by large filters, tap by tap: what lies outside of the images is never multiplied.

    y[n, p] = bias + sum over the taps t and pixels q of x that p meets there of  x[n, q] w_t       w_t (C, O)
    dw_t = sum over the pairs (p, q) of tap t of  x[:, q]^T g[:, p]

Images of 2 x 2 pixels with padding meet 16 of the 36 taps that the definition has. A pixel of all images is a matrix
whose rows lie an image apart.

    pairs (., 3): tap, pixel that is read, pixel that is written
"""

from __future__ import annotations

from ..ramp import ramp
from ..room import room, room_of_rows
from ..template import Each, loop
from .turning import taps_apart, taps_together
from .winograd.products import add_products, multiply

LANES = Each(float32=16, float64=8)


@loop
def pack_taps(w, packed):
    """packed (T, K, WIDTH) of w (WIDTH, K, T)."""
    for k in range(w.shape[1]):
        for m in range(0, w.shape[0], LANES):
            for t in range(0, w.shape[2], LANES):
                taps_apart(w, m, k, t, min(LANES, w.shape[2] - t), packed)


@loop
def convolve(panels, x, w, bias, pairs, columns, y, slope):
    """f(y) of the panels of these numbers, of so many filters each; w (O, C, T), bias (O,), pairs by pixels of y.

    x (N, H W C), y (N, OH OW O), slope: of f, see ../ramp.py
    """
    n, (o, c, taps) = x.shape[0], w.shape
    packed, sums = room(x, taps * c * columns).reshape(taps, c, columns), room_of_rows(x, n, columns)
    for j in panels:
        first, at = j * columns, 0
        own = bias[first : first + columns]
        pack_taps(w[first : first + columns], packed)
        for p in range(y.shape[1] // o):
            for i in range(n):
                for m in range(columns):
                    sums[i, m] = own[m]
            while at < pairs.shape[0] and pairs[at, 2] == p:
                tap, q = pairs[at, 0], pairs[at, 1]
                multiply(x[:, q * c : (q + 1) * c], packed[tap : tap + 1], sums, True)
                at += 1
            for i in range(n):
                into = y[i, p * o + first : p * o + first + columns]
                for m in range(columns):
                    into[m] = ramp(sums[i, m], slope)


@loop
def add_filters(blocks, x, g, pairs, rows, dw):
    """dw (O, C, T) of the blocks of these numbers, of so many filters each; pairs by taps.

    x (N, H W C), g (N, OH OW O)
    """
    o, c, taps = dw.shape
    sums = room(x, taps * rows * c).reshape(taps, rows, c)
    for block in blocks:
        first, at = block * rows, 0
        for t in range(taps):
            more = False
            while at < pairs.shape[0] and pairs[at, 0] == t:
                q, p = pairs[at, 1] * c, pairs[at, 2] * o + first
                add_products(g[:, p : p + rows], x[:, q : q + c], sums[t], more)
                more = True
                at += 1
            if not more:
                sums[t, :, :] = 0.0
        for i in range(rows):
            for k in range(0, c, LANES):
                for t in range(0, taps, LANES):
                    taps_together(sums, t, i, k, min(LANES, taps - t), dw, first)
