"""Maxima of windows over planes x (B, H, W), without dilation, in steps that are each work for whole vectors:

    best[p, s]     = the largest of x[p sh + i - ph, s - pw] over i < kh, and its place i kw
    parts[r, p, q] = best[p, q sw + r]
    top[p, q]      = the largest of parts[j % sw, p, q + j // sw] over j < kw, and its tap i kw + j

A nan is the largest; of equal ones the first tap. Beyond the edge is -infinity with a tap behind all others, so that
it never wins over a number. Rows lie one after the other, each filled up to `width` numbers, a multiple of sw and
W + 2 pw at least, so that loops are long; what is computed of numbers that belong to no window is not picked.

Where there are fewer than three rows or columns, the last one is met again, which changes nothing.
"""

from __future__ import annotations

from math import inf

import numpy as np

from ..template import Integer, loop

BEYOND = 255  # the place of what is beyond the edge: larger than all taps
LANES = 16


@loop
def _larger(best, tap, v, other):
    """The larger one of two and its tap, of equal ones the first."""
    better = (v > best) | ((v != v) & (best == best))
    return v if better else best, other if better else tap


@loop
def _later(best, tap, v, other):
    """The larger one of two and its tap, of equal ones the smaller tap."""
    larger, equal = (v > best) | ((v != v) & (best == best)), (v == best) | ((v != v) & (best != best))
    better = larger | (equal & (other < tap))
    return v if better else best, other if better else tap


@loop
def _rows(a, b, c, its_a, its_b, its_c, best, place):
    """The largest of three rows and its place; c has the length."""
    for s in range(c.size):
        v, t = _larger(a[s], its_a, b[s], its_b)
        best[s], place[s] = _larger(v, t, c[s], its_c)


@loop
def _one_more_row(row, its, best, place):
    for s in range(row.size):
        best[s], place[s] = _larger(best[s], place[s], row[s], its)


@loop
def _columns(a, b, c, its_a, its_b, its_c, second, third, top, taps):
    """The largest of three columns and its tap: second and third are added to the places of b and c."""
    for q in range(top.size):
        v, t = _later(a[q], its_a[q], b[q], Integer(its_b[q] + second))
        top[q], taps[q] = _later(v, t, c[q], Integer(its_c[q] + third))


@loop
def _one_more_column(column, its, j, top, taps):
    for q in range(top.size):
        top[q], taps[q] = _later(top[q], taps[q], column[q], Integer(its[q] + j))


@loop
def _down(x, n, top, count, best, place, width, kh, kw, sh, ph, pw):
    """best (count, width) and its places for the rows of windows from `top` on of plane n."""
    h, w = x.shape[1:]
    flat, wide, first = x.reshape(-1), -(-w // LANES) * LANES, n * h * w
    for p in range(count):
        r = (top + p) * sh - ph
        low, high = max(0, -r), min(kh, h - r) - 1
        i, j = min(low + 1, high), min(low + 2, high)
        row, its, at = best[p * width + pw :], place[p * width + pw :], first + r * w
        a, b, c = flat[at + low * w :], flat[at + i * w :], flat[at + j * w : at + j * w + wide]
        _rows(a, b, c, Integer(low * kw), Integer(i * kw), Integer(j * kw), row, its)
        for i in range(j + 1, high + 1):
            _one_more_row(flat[at + i * w : at + i * w + wide], Integer(i * kw), row, its)
    for s in range(pw):
        for p in range(count):
            left, right = p * width + s, p * width + pw + w + s
            best[left], place[left], best[right], place[right] = -inf, Integer(BEYOND), -inf, Integer(BEYOND)


@loop
def parted(row, parts):
    """parts[r, q] = row[q step + r]."""
    step = parts.shape[0]
    if step == 2:
        even, odd = parts[0], parts[1]
        for q in range(even.size):
            even[q], odd[q] = row[2 * q], row[2 * q + 1]
    else:
        for r in range(step):
            for q in range(parts.shape[1]):
                parts[r, q] = row[step * q + r]


@loop
def _along(parts, its, kw, top, taps):
    """top and its taps."""
    step, i, j = parts.shape[0], min(1, kw - 1), min(2, kw - 1)
    a, b, c = parts[0], parts[i % step, i // step :], parts[j % step, j // step :]
    _columns(a, b, c, its[0], its[i % step, i // step :], its[j % step, j // step :], i, j, top, taps)
    for j in range(3, kw):
        _one_more_column(parts[j % step, j // step :], its[j % step, j // step :], j, top, taps)


@loop
def max_planes(x, y, won, best, place, parts, its, top, taps, width, kh, kw, sh, sw, ph, pw):
    """y and won, some rows of windows at a time, for which there is room.

    best and place (rows width,), parts and its (sw, rows width / sw), and more, top and taps (rows width / sw,)
    """
    oh, ow = y.shape[1:]
    each = width // sw
    rows = top.size // each
    for n in range(x.shape[0]):
        for first in range(0, oh, rows):
            count = min(rows, oh - first)
            values, of_values = top[: count * each], taps[: count * each]
            _down(x, n, first, count, best, place, width, kh, kw, sh, ph, pw)
            if sw == 1:
                _along(best.reshape(1, -1), place.reshape(1, -1), kw, values, of_values)
            else:
                parted(best, parts)
                parted(place, its)
                _along(parts, its, kw, values, of_values)
            for p in range(count):
                into, into_won = y[n, first + p], won[n, first + p]
                own, its_own = values[p * each :], of_values[p * each :]
                for q in range(ow):
                    into[q], into_won[q] = own[q], np.uint8(its_own[q])


@loop
def max_planes_back(g, won, dx, places, down, across, first):
    """dx (B, H W): g where a tap has won, 0 elsewhere.

    places (taps,): how far each lies behind its window's first, which is `first` for the first window, `down` further
    for the next row of windows and `across` for the next in the row
    """
    for n in range(g.shape[0]):
        plane = dx[n]
        for k in range(plane.size):
            plane[k] = 0.0
        for p in range(g.shape[1]):
            for q in range(g.shape[2]):
                plane[first + p * down + q * across + places[won[n, p, q]]] += g[n, p, q]
