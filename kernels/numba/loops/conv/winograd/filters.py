"""Filters into the points of Winograd's convolution, and their gradient back."""

from __future__ import annotations

from ...room import room
from ...template import Each, loop
from ..turning import taps_apart, taps_together
from .tiles import FIVE, THREE
from .transform import make_transform

LANES = Each(float32=16, float64=8)
TOGETHER = 8  # channels whose taps are copied before they are transformed, and the other way round
filters_3, taps_3 = make_transform(THREE.g), make_transform(THREE.g.T)
filters_5, taps_5 = make_transform(FIVE.g), make_transform(FIVE.g.T)


@loop
def copy_taps(w, into):
    """into (R R, TOGETHER, WIDTH) of w (M, K, R R), no more than WIDTH and TOGETHER, whose taps lie side by side."""
    taps = w.shape[2]
    for i in range(0, w.shape[0], LANES):
        for k in range(w.shape[1]):
            if i + LANES <= w.shape[0]:
                for t in range(0, taps, LANES):
                    taps_apart(w, i, k, t, min(LANES, taps - t), into)
            else:
                for m in range(i, w.shape[0]):
                    for t in range(taps):
                        into[t, k, m] = w[m, k, t]


@loop
def transform_panel(w, r, turned, copied, u, j):
    """Panel j of u (a a, P K WIDTH + GAP) = G w G^T for w (M, K, R R), beyond M anything.

    turned: the filters by half a circle; copied (R R, TOGETHER, WIDTH) is written
    """
    depth, taps, a, flat, point = w.shape[1], r * r, r + 3, u.reshape(-1), u.shape[1]
    width, source, first, step = copied.shape[2], copied.reshape(-1), 0, TOGETHER * copied.shape[2]
    if turned:
        first, step = (taps - 1) * step, -step
    for begin in range(0, depth, TOGETHER):
        own = w[j * width : (j + 1) * width, begin : begin + TOGETHER]
        copy_taps(own, copied)
        for k in range(own.shape[1]):
            for i in range(0, width, LANES):
                at, of = (j * depth + begin + k) * width + i, first + k * width + i
                if r == 3:
                    filters_3(source, of, r * step, step, flat, at, a * point, point)
                else:
                    filters_5(source, of, r * step, step, flat, at, a * point, point)


@loop
def transform_filters(panels, w, r, turned, columns, u):
    """The panels of these numbers, of so many columns."""
    copied = room(u, r * r * TOGETHER * columns).reshape(r * r, TOGETHER, columns)
    for j in panels:
        transform_panel(w, r, turned, copied, u, j)


@loop
def transform_piece(du, width, r, copied, dw, low, high):
    """dw (O, C, R R) of the channels low to high; copied (R R, TOGETHER, LANES) and the first part are written."""
    parts, points, point = du.shape
    a, taps, flat, source = r + 3, r * r, du[0].reshape(-1), copied.reshape(-1)
    by_channels, step = dw.transpose(1, 0, 2), TOGETHER * LANES
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
                row, into = k * width + m, (k - begin) * LANES
                if r == 3:
                    taps_3(flat, row, a * point, point, source, into, r * step, step)
                else:
                    taps_5(flat, row, a * point, point, source, into, r * step, step)
            for k in range(end - begin):
                if m + LANES <= dw.shape[0]:
                    own = by_channels[:, m:]
                    for t in range(0, taps, LANES):
                        taps_together(copied, t, k, 0, min(LANES, taps - t), own, begin)
                else:
                    for i in range(m, dw.shape[0]):
                        for t in range(taps):
                            dw[i, begin + k, t] = copied[t, k, i - m]


@loop
def transform_back(pieces, sums, width, r, taps):
    """taps (O, C, R R) = dw = G^T dU G of some channels, for dU the sum over all parts of one of the sums.

    sums (S, parts, a a, K M + GAP): K and M are channels of x and filters, filled up, M = width; written
    pieces (S, 7): which sums; the first channel of x and how many, the same of g; channels of these, from and to
    """
    copied = room(sums, r * r * TOGETHER * LANES).reshape(r * r, TOGETHER, LANES)
    for piece in pieces:
        own = taps[piece[3] : piece[3] + piece[4], piece[1] : piece[1] + piece[2]]
        transform_piece(sums[piece[0]], width, r, copied, own, piece[5], piece[6])
