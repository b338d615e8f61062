"""Pooling of planes (B, H, W) by windows of 2 x 2 side by side: y (B, H // 2, W // 2). See pool.py.

Neighbours are read and written in pairs, which LLVM takes apart and together by whole vectors.
"""

from __future__ import annotations

import numpy as np

from .template import loop

TAPS = np.uint8(0), np.uint8(1), np.uint8(2), np.uint8(3)


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
