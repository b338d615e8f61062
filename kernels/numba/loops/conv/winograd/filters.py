"""Filters into the points of Winograd's convolution, and their gradient back."""

from __future__ import annotations

from ...template import Each, loop
from .tiles import FIVE, THREE
from .transform import make_transform

LANES = Each(float32=16, float64=8)
TOGETHER = 8  # channels whose taps are copied before they are transformed, and the other way round
filters_3, taps_3 = make_transform(THREE.g), make_transform(THREE.g.T)
filters_5, taps_5 = make_transform(FIVE.g), make_transform(FIVE.g.T)


@loop
def transform_filters(w, r, room, u, low, high):
    """The panels low to high of u (a a, P K WIDTH + GAP) = G w G^T for w (M, K, R R), beyond M anything.

    room (TOGETHER R R WIDTH,) is written
    """
    depth, taps, a, flat, point = w.shape[1], r * r, r + 3, u.reshape(-1), u.shape[1]
    width = room.shape[0] // (TOGETHER * taps)
    for j in range(low, high):
        for begin in range(0, depth, TOGETHER):
            own = w[j * width : (j + 1) * width, begin : begin + TOGETHER]
            for i in range(own.shape[0]):
                for k in range(own.shape[1]):
                    for t in range(taps):
                        room[(k * taps + t) * width + i] = own[i, k, t]
            for k in range(own.shape[1]):
                for i in range(0, width, LANES):
                    at, of = (j * depth + begin + k) * width + i, k * taps * width + i
                    if r == 3:
                        filters_3(room, of, r * width, width, flat, at, a * point, point)
                    else:
                        filters_5(room, of, r * width, width, flat, at, a * point, point)


@loop
def transform_back(du, width, r, room, dw, low, high):
    """dw (O, C, R R) = G^T dU G of the channels low to high, for dU the sum over all parts of du.

    du (parts, a a, K M + GAP): K and M are C and O, filled up, M = width
    room (TOGETHER R R LANES,) and the first part are written
    """
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
                    taps_3(flat, row, a * point, point, room, into, r * LANES, LANES)
                else:
                    taps_5(flat, row, a * point, point, room, into, r * LANES, LANES)
            own = dw[m : m + LANES, begin:end]
            for i in range(own.shape[0]):
                for k in range(own.shape[1]):
                    for t in range(taps):
                        own[i, k, t] = room[(k * taps + t) * LANES + i]
