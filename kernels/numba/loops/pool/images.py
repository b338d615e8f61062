"""Pooling of images x (B, H, W, K), whose K values lie side by side: channels, or images of a batch.

y[p, q] = the largest, or share times the sum, of x[p sh + i dh - ph, q sw + j dw - pw] over taps i < kh, j < kw

Beyond the edge there is nothing: such taps are left out. The forward keeps for each maximum which tap i kw + j it was,
in one byte, so that the backward reads neither x nor y. A nan is the largest; of equal ones the first.

Pairs: windows of 2 x 2 side by side over planes x (B, H, W), y (B, H // 2, W // 2). Neighbours are read and written in
pairs, which LLVM takes apart and together by whole vectors.
"""

from __future__ import annotations

from math import inf

import numpy as np

from ..template import loop

NONE = np.uint8(255)  # no tap yet
TAPS = np.uint8(0), np.uint8(1), np.uint8(2), np.uint8(3)


@loop
def _clear(y):
    for k in range(y.size):
        y[k] = 0.0


@loop
def _best(x, y, won, tap):
    """x and its tap in the place of each y that is smaller."""
    for k in range(y.size):
        v, best, before = x[k], y[k], won[k]
        better = (v > best) | ((v != v) & (best == best)) | (before == NONE)
        y[k] = v if better else best
        won[k] = tap if better else before


@loop
def _sum(x, y):
    """Adds x to y."""
    for k in range(y.size):
        y[k] += x[k]


@loop
def _to_winner(g, won, dx, tap):
    """Adds g to dx where this tap has won."""
    for k in range(g.size):
        dx[k] += g[k] if won[k] == tap else 0.0


@loop
def _to_all(g, dx, share):
    """Adds share g to dx."""
    for k in range(g.size):
        dx[k] += share * g[k]


@loop
def max_images(x, y, won, kh, kw, sh, sw, ph, pw, dh, dw):
    """y and won."""
    for n in range(x.shape[0]):
        for p in range(y.shape[1]):
            for q in range(y.shape[2]):
                top, place = y[n, p, q], won[n, p, q]
                for k in range(top.size):
                    top[k], place[k] = -inf, NONE
                for i in range(kh):
                    r = p * sh + i * dh - ph
                    for j in range(kw):
                        s = q * sw + j * dw - pw
                        if 0 <= r < x.shape[1] and 0 <= s < x.shape[2]:
                            _best(x[n, r, s], top, place, np.uint8(i * kw + j))


@loop
def max_images_back(g, won, dx, kh, kw, sh, sw, ph, pw, dh, dw):
    """dx: g where a tap has won, 0 elsewhere."""
    for n in range(dx.shape[0]):
        _clear(dx[n].reshape(-1))
        for p in range(g.shape[1]):
            for q in range(g.shape[2]):
                for i in range(kh):
                    r = p * sh + i * dh - ph
                    for j in range(kw):
                        s = q * sw + j * dw - pw
                        if 0 <= r < dx.shape[1] and 0 <= s < dx.shape[2]:
                            _to_winner(g[n, p, q], won[n, p, q], dx[n, r, s], np.uint8(i * kw + j))


@loop
def mean_images(x, y, kh, kw, sh, sw, ph, pw, dh, dw, share):
    """y."""
    for n in range(x.shape[0]):
        for p in range(y.shape[1]):
            for q in range(y.shape[2]):
                total = y[n, p, q]
                _clear(total)
                for i in range(kh):
                    r = p * sh + i * dh - ph
                    for j in range(kw):
                        s = q * sw + j * dw - pw
                        if 0 <= r < x.shape[1] and 0 <= s < x.shape[2]:
                            _sum(x[n, r, s], total)
                for k in range(total.size):
                    total[k] *= share


@loop
def mean_images_back(g, dx, kh, kw, sh, sw, ph, pw, dh, dw, share):
    """dx: share g for each tap."""
    for n in range(dx.shape[0]):
        _clear(dx[n].reshape(-1))
        for p in range(g.shape[1]):
            for q in range(g.shape[2]):
                for i in range(kh):
                    r = p * sh + i * dh - ph
                    for j in range(kw):
                        s = q * sw + j * dw - pw
                        if 0 <= r < dx.shape[1] and 0 <= s < dx.shape[2]:
                            _to_all(g[n, p, q], dx[n, r, s], share)


@loop
def _larger(best, place, v, tap):
    """v and its tap where v is larger."""
    better = (v > best) | ((v != v) & (best == best))
    return v if better else best, tap if better else place


@loop
def max_pairs(x, y, won):
    """The largest of four, and which it was."""
    for n in range(x.shape[0]):
        for p in range(y.shape[1]):
            upper, lower, top, place = x[n, 2 * p], x[n, 2 * p + 1], y[n, p], won[n, p]
            for q in range(top.size):
                best, tap = _larger(upper[2 * q], TAPS[0], upper[2 * q + 1], TAPS[1])
                best, tap = _larger(best, tap, lower[2 * q], TAPS[2])
                top[q], place[q] = _larger(best, tap, lower[2 * q + 1], TAPS[3])


@loop
def max_pairs_back(g, won, dx):
    """dx: g where the largest was, 0 elsewhere."""
    for n in range(g.shape[0]):
        _clear_rest(dx[n], g.shape[1], g.shape[2])
        for p in range(g.shape[1]):
            upper, lower, grads, place = dx[n, 2 * p], dx[n, 2 * p + 1], g[n, p], won[n, p]
            for q in range(grads.size):
                upper[2 * q] = grads[q] if place[q] == TAPS[0] else 0.0
                upper[2 * q + 1] = grads[q] if place[q] == TAPS[1] else 0.0
            for q in range(grads.size):
                lower[2 * q] = grads[q] if place[q] == TAPS[2] else 0.0
                lower[2 * q + 1] = grads[q] if place[q] == TAPS[3] else 0.0


@loop
def mean_pairs(x, y):
    """A quarter of the sum of four."""
    for n in range(x.shape[0]):
        for p in range(y.shape[1]):
            upper, lower, means = x[n, 2 * p], x[n, 2 * p + 1], y[n, p]
            for q in range(means.size):
                means[q] = 0.25 * (upper[2 * q] + upper[2 * q + 1] + lower[2 * q] + lower[2 * q + 1])


@loop
def mean_pairs_back(g, dx):
    """dx: a quarter of g for each of the four."""
    for n in range(g.shape[0]):
        _clear_rest(dx[n], g.shape[1], g.shape[2])
        for p in range(g.shape[1]):
            upper, lower, grads = dx[n, 2 * p], dx[n, 2 * p + 1], g[n, p]
            for q in range(grads.size):
                upper[2 * q] = 0.25 * grads[q]
                upper[2 * q + 1] = 0.25 * grads[q]
            for q in range(grads.size):
                lower[2 * q] = 0.25 * grads[q]
                lower[2 * q + 1] = 0.25 * grads[q]


@loop
def _clear_rest(dx, rows, columns):
    """0 in the last row and the last column, where no window reaches them."""
    for r in range(2 * rows, dx.shape[0]):
        for s in range(dx.shape[1]):
            dx[r, s] = 0.0
    for s in range(2 * columns, dx.shape[1]):
        for r in range(dx.shape[0]):
            dx[r, s] = 0.0
