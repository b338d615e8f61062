"""Filters into the points of Winograd's convolution, and their gradient back."""

from __future__ import annotations

from ...room import room
from ...template import Each, loop
from .tiles import FIVE, THREE
from .transform import make_transform

LANES = Each(float32=16, float64=8)
TOGETHER = 8  # channels whose taps are copied before they are transformed, and the other way round
filters_3, taps_3 = make_transform(THREE.g), make_transform(THREE.g.T)
filters_5, taps_5 = make_transform(FIVE.g), make_transform(FIVE.g.T)


@loop
def transform_panel(w, r, copied, u, j):
    """Panel j of u (a a, P K WIDTH + GAP) = G w G^T for w (M, K, R R), beyond M anything.

    copied (TOGETHER R R WIDTH,) is written
    """
    depth, taps, a, flat, point = w.shape[1], r * r, r + 3, u.reshape(-1), u.shape[1]
    width = copied.shape[0] // (TOGETHER * taps)
    for begin in range(0, depth, TOGETHER):
        own = w[j * width : (j + 1) * width, begin : begin + TOGETHER]
        for i in range(own.shape[0]):
            for k in range(own.shape[1]):
                for t in range(taps):
                    copied[(k * taps + t) * width + i] = own[i, k, t]
        for k in range(own.shape[1]):
            for i in range(0, width, LANES):
                at, of = (j * depth + begin + k) * width + i, k * taps * width + i
                if r == 3:
                    filters_3(copied, of, r * width, width, flat, at, a * point, point)
                else:
                    filters_5(copied, of, r * width, width, flat, at, a * point, point)


@loop
def transform_filters(panels, w, r, columns, u):
    """The panels of these numbers, of so many columns."""
    copied = room(u, TOGETHER * r * r * columns)
    for j in panels:
        transform_panel(w, r, copied, u, j)


@loop
def transform_piece(du, width, r, copied, dw, low, high):
    """dw (O, C, R R) of the channels low to high; copied (TOGETHER R R LANES,) and the first part are written."""
    parts, points, point = du.shape
    a, taps, flat = r + 3, r * r, du[0].reshape(-1)
    for begin in range(low, high, TOGETHER):
        end = min(begin + TOGETHER, high)
        for p in range(points):
            total = du[0, p, begin * width : end * width]
            for part in range(1, parts):
                more = du[part, p, begin * width : end * width]
                for m in range(total.shape[0]):
                    total[m] += more[m]
        for m in range(0, dw.shape[0], LANES):
            for k in range(begin, end):
                row, into = k * width + m, (k - begin) * taps * LANES
                if r == 3:
                    taps_3(flat, row, a * point, point, copied, into, r * LANES, LANES)
                else:
                    taps_5(flat, row, a * point, point, copied, into, r * LANES, LANES)
            own = dw[m : m + LANES, begin:end]
            for i in range(own.shape[0]):
                for k in range(own.shape[1]):
                    for t in range(taps):
                        own[i, k, t] = copied[(k * taps + t) * LANES + i]


@loop
def transform_back(pieces, sums, width, r, taps):
    """taps (O, C, R R) = dw = G^T dU G of some channels, for dU the sum over all parts of one of the sums.

    sums (S, parts, a a, K M + GAP): K and M are channels of x and filters, filled up, M = width; written
    pieces (S, 7): which sums; the first channel of x and how many, the same of g; channels of these, from which to which
    """
    copied = room(sums, TOGETHER * r * r * LANES)
    for piece in pieces:
        own = taps[piece[3] : piece[3] + piece[4], piece[1] : piece[1] + piece[2]]
        transform_piece(sums[piece[0]], width, r, copied, own, piece[5], piece[6])
