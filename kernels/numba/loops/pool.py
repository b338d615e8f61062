"""Pooling of images x (B, H, W, K), whose K values lie side by side: channels, or images of a batch.

y[p, q] = the largest, or share times the sum, of x[p sh + i dh - ph, q sw + j dw - pw] over taps i < kh, j < kw

Beyond the edge there is nothing: such taps are left out. The forward keeps for each maximum which tap i kw + j it was,
in one byte, so that the backward reads neither x nor y. A nan is the largest; of equal ones the first.
"""

from __future__ import annotations

from math import inf

import numpy as np

from .template import loop

NONE = np.uint8(255)  # no tap yet


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
