"""Filters into the points of Winograd's convolution, and their gradient back."""

from __future__ import annotations

from ...template import Each, loop
from .tiles import FIVE, THREE
from .transform import make_transform

LANES = Each(float32=16, float64=8)
filters_3, taps_3 = make_transform(THREE.g), make_transform(THREE.g.T)
filters_5, taps_5 = make_transform(FIVE.g), make_transform(FIVE.g.T)


@loop
def transform_filters(w, r, room, u, low, high):
    """The panels low to high of u (a a, P, K, WIDTH) = G w G^T for w (M, K, R R), zeros beyond M; room (R R WIDTH,)."""
    width, m, depth = u.shape[3], w.shape[0], w.shape[1]
    a, flat, point = r + 3, u.reshape(-1), u.shape[1] * depth * width
    for j in range(low, high):
        end = min(width, m - j * width)
        for t in range(r * r):
            for i in range(end, width):
                room[t * width + i] = 0.0
        for k in range(depth):
            for i in range(end):
                for t in range(r * r):
                    room[t * width + i] = w[j * width + i, k, t]
            for i in range(0, width, LANES):
                at = (j * depth + k) * width + i
                if r == 3:
                    filters_3(room, i, r * width, width, flat, at, a * point, point)
                else:
                    filters_5(room, i, r * width, width, flat, at, a * point, point)


@loop
def transform_back(du, r, room, dw, first, low, high):
    """dw (O, C, R R) = G^T dU G of the channels low to high, for dU the sum over all parts of du (parts, a a, C', M).

    C' begins with channel `first`; room (R R LANES,); the sums are written to the first part
    """
    a, o, flat = r + 3, dw.shape[0], du.reshape(-1)
    channels, width = du.shape[2], du.shape[3]
    point = channels * width
    for k in range(low, high):
        row = (k - first) * width
        for p in range(a * a):
            total = flat[p * point + row : p * point + row + width]
            for part in range(1, du.shape[0]):
                at = (part * a * a + p) * point + row
                more = flat[at : at + width]
                for m in range(width):
                    total[m] += more[m]
        for m in range(0, o, LANES):
            if r == 3:
                taps_3(flat, row + m, a * point, point, room, 0, r * LANES, LANES)
            else:
                taps_5(flat, row + m, a * point, point, room, 0, r * LANES, LANES)
            for i in range(min(LANES, o - m)):
                for t in range(r * r):
                    dw[m + i, k, t] = room[t * LANES + i]
