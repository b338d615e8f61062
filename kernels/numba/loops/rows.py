"""Softmax, its logarithm and cross entropy: rows of matrices, each of which stays in the cache meanwhile.

m = max_j x_j          s = sum_j e**(x_j - m)
"""

from __future__ import annotations

from .bits import from_key, sort_key
from .mathematics.exponential import exp_of_negative, log
from .template import Each, Integer, add, loop

LEAST = Each(float32=-(2**31), float64=-(2**63))


@loop
def _largest(x):
    """m of a row. A nan is the largest; one with a sign is not, and makes the sum nan."""
    top = Integer(LEAST)
    for j in range(x.size):
        key = sort_key(x[j])
        top = key if key > top else top
    return from_key(top)


@loop
def softmax(x, y):
    """y = e**(x - m) / s."""
    for i in range(x.shape[0]):
        m, s = _largest(x[i]), 0.0
        for j in range(x.shape[1]):
            e = exp_of_negative(x[i, j] - m)
            y[i, j] = e
            s = add(s, e)
        r = 1.0 / s
        for j in range(x.shape[1]):
            y[i, j] *= r


@loop
def softmax_back(g, y, dx):
    """dx = y (g - sum_j g_j y_j)."""
    for i in range(y.shape[0]):
        s = 0.0
        for j in range(y.shape[1]):
            s = add(s, g[i, j] * y[i, j])
        for j in range(y.shape[1]):
            dx[i, j] = y[i, j] * (g[i, j] - s)


@loop
def log_softmax(x, y):
    """y = x - m - ln s."""
    for i in range(x.shape[0]):
        m, s = _largest(x[i]), 0.0
        for j in range(x.shape[1]):
            s = add(s, exp_of_negative(x[i, j] - m))
        log_s = log(s)
        for j in range(x.shape[1]):
            y[i, j] = (x[i, j] - m) - log_s


@loop
def log_softmax_back(g, y, dx):
    """dx = g - e**y sum_j g_j."""
    for i in range(y.shape[0]):
        s = 0.0
        for j in range(y.shape[1]):
            s = add(s, g[i, j])
        for j in range(y.shape[1]):
            dx[i, j] = g[i, j] - exp_of_negative(y[i, j]) * s


@loop
def counted(t, classes, ignored):
    """How many labels are not ignored; -1 if one of these is outside [0, classes)."""
    n, outside = 0, False
    for i in range(t.size):
        n += t[i] != ignored
        outside |= (t[i] != ignored) & ((t[i] < 0) | (t[i] >= classes))
    return -1 if outside else n


@loop
def cross_entropy(x, t, losses, dx, ignored, share):
    """losses = m + ln s - x_t, and dx = share (softmax(x) - onehot(t)); 0 for the label that is ignored.

    The labels are in [0, C), or ignored.
    """
    for i in range(x.shape[0]):
        label = t[i]
        if label == ignored:
            losses[i] = 0.0
            for j in range(x.shape[1]):
                dx[i, j] = 0.0
            continue
        m, s = _largest(x[i]), 0.0
        for j in range(x.shape[1]):
            e = exp_of_negative(x[i, j] - m)
            dx[i, j] = e
            s = add(s, e)
        losses[i] = log(s) - (x[i, label] - m)
        r = share / s
        for j in range(x.shape[1]):
            dx[i, j] *= r
        dx[i, label] -= share


@loop
def scale(dx, g):
    """dx = g dx for a number g."""
    for i in range(dx.shape[0]):
        for j in range(dx.shape[1]):
            dx[i, j] *= g
