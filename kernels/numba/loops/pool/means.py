"""Means of windows over planes x (B, H, W), without dilation, by the steps of planes.py, and their gradient:

sums[p, s] = the sum of x[p sh + i - ph, s - pw] over i < kh, 0 beyond the edge
y[p, q]    = share times the sum of sums[p, q sw + j] over j < kw

back[p, s] = the sum of g[p, q] over those q and j for which q sw + j = s
dx[r, s]   = share times the sum of back[p, s + pw] over those p whose windows reach row r
"""

from __future__ import annotations

from ..template import loop
from .planes import LANES, parted


@loop
def _copy(x, y):
    for s in range(x.size):
        y[s] = x[s]


@loop
def _add(x, y):
    for s in range(x.size):
        y[s] += x[s]


@loop
def _down(x, n, top, count, sums, width, kh, sh, ph, pw):
    """sums (count, width) for the rows of windows from `top` on of plane n."""
    h, w = x.shape[1:]
    flat, wide = x.reshape(-1), -(-w // LANES) * LANES
    for p in range(count):
        first, into = (top + p) * sh - ph, sums[p * width + pw :]
        low, high = max(0, first), min(h, first + kh)
        for r in range(low, high):
            at = (n * h + r) * w
            row = flat[at : at + wide]
            if r == low:
                _copy(row, into)
            else:
                _add(row, into)
    for s in range(pw):
        for p in range(count):
            sums[p * width + s], sums[p * width + pw + w + s] = 0.0, 0.0


@loop
def mean_planes(x, y, sums, parts, top, width, kh, kw, sh, sw, ph, pw, share):
    """y, some rows of windows at a time, for which there is room: as in `max_planes`."""
    oh, ow = y.shape[1:]
    each = width // sw
    rows = top.size // each
    for n in range(x.shape[0]):
        for first in range(0, oh, rows):
            count = min(rows, oh - first)
            values = top[: count * each]
            _down(x, n, first, count, sums, width, kh, sh, ph, pw)
            parted(sums, parts)
            _copy(parts[0, : values.size], values)
            for j in range(1, kw):
                _add(parts[j % sw, j // sw : j // sw + values.size], values)
            for p in range(count):
                own, into = values[p * each :], y[n, first + p]
                for q in range(ow):
                    into[q] = share * own[q]


@loop
def _whole(parts, row):
    """row[q step + r] = parts[r, q]."""
    step = parts.shape[0]
    if step == 2:
        even, odd = parts[0], parts[1]
        for q in range(even.size):
            row[2 * q], row[2 * q + 1] = even[q], odd[q]
    else:
        for r in range(step):
            for q in range(parts.shape[1]):
                row[step * q + r] = parts[r, q]


@loop
def mean_planes_back(g, dx, padded, parts, back, width, kh, kw, sh, sw, ph, pw, share):
    """dx; room for one plane: padded (kw + OH width / sw,), parts (sw, OH width / sw), back (OH width,)."""
    oh, (h, w), each = g.shape[1], dx.shape[1:], width // sw
    for k in range(padded.size):
        padded[k] = 0.0
    for n in range(g.shape[0]):
        for p in range(oh):
            _copy(g[n, p], padded[kw + p * each :])
        for r in range(sw):
            for q in range(parts.shape[1] if r >= kw else 0):
                parts[r, q] = 0.0
        for j in range(kw):
            source = padded[kw - j // sw : kw - j // sw + parts.shape[1]]
            if j < sw:
                _copy(source, parts[j])
            else:
                _add(source, parts[j % sw])
        _whole(parts, back)
        for r in range(h):
            row = dx[n, r]
            last, started = min(oh - 1, (r + ph) // sh), False
            for p in range(max(0, -((kh - 1 - r - ph) // sh)), last + 1):
                own = back[p * width + pw : p * width + pw + w]
                if started:
                    _add(own, row)
                else:
                    _copy(own, row)
                started = True
            for s in range(w):
                row[s] = share * row[s] if started else 0.0
