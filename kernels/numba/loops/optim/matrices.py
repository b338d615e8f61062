"""Steps of optimizers that look at a parameter as a whole: Adafactor's, and what Muon does beside its products.

B matrices p (B, R, C), g gradients. Sums are made row by row, then of the rows: none grows too long for float32.
"""

from __future__ import annotations

import numpy as np

from ..template import add, loop
from .clip import squares


@loop
def _at_least(x, floor):
    """The larger; a nan stays."""
    return x if x > floor or x != x else floor


@loop
def _all_squares(x):
    """sum x**2 of x (B, R, C)."""
    total = 0.0
    for b in range(x.shape[0]):
        for i in range(x.shape[1]):
            total += squares(x[b, i])
    return total


@loop
def _size(before, total, of_all, rate, eps2, d):
    """rate max(eps2, rms p) / max(1, rms u / d); before, total: sums of p**2 and u**2; of_all: 1 / their number."""
    return rate * _at_least(np.sqrt(before * of_all), eps2) / _at_least(np.sqrt(total * of_all) / d, 1.0)


@loop
def _direction(g, v, floor):
    """u."""
    return g / np.sqrt(_at_least(v, floor))


@loop
def _moved(x, to, share):
    return x + (to - x) * share


@loop
def _scaled(c, r, of_column, eps1, y):
    """y = c / max(mean r, eps1), so that v = r y."""
    mean = 0.0
    for i in range(r.size):
        mean += r[i] * of_column
    largest = _at_least(mean, eps1)
    for j in range(c.size):
        y[j] = c[j] / largest


@loop
def adafactor(p, g, r, c, room, of_row, of_column, of_all, share, rate, shrink, eps1, floor, eps2, d, sign):
    """r (B, R), c (B, C) move by share towards the means of g**2, v = r c / max(mean r, eps1), u = g / sqrt(v).

    p = shrink p - size u. room (2, C); of_row, of_column, of_all: 1 / C, 1 / R and 1 / (B R C); floor: of v
    """
    before, total, sums, scaled = _all_squares(p), 0.0, room[0], room[1]
    for b in range(p.shape[0]):
        sums[:] = 0.0
        for i in range(p.shape[1]):
            s, row = 0.0, g[b, i]
            for j in range(row.size):
                square = row[j] * row[j]
                s = add(s, square)
                sums[j] += square
            r[b, i] = _moved(r[b, i], s * of_row, share)
        for j in range(sums.size):
            c[b, j] = _moved(c[b, j], sums[j] * of_column, share)
        _scaled(c[b], r[b], of_column, eps1, scaled)
        for i in range(p.shape[1]):
            s, row, factor = 0.0, g[b, i], r[b, i]
            for j in range(row.size):
                u = _direction(row[j], factor * scaled[j], floor)
                s = add(s, u * u)
            total += s
    size = sign * _size(before, total, of_all, rate, eps2, d)
    for b in range(p.shape[0]):
        _scaled(c[b], r[b], of_column, eps1, scaled)
        for i in range(p.shape[1]):
            row, to, factor = g[b, i], p[b, i], r[b, i]
            for j in range(row.size):
                to[j] = shrink * to[j] - size * _direction(row[j], factor * scaled[j], floor)


@loop
def adafactor_vector(p, g, v, of_all, share, rate, shrink, floor, eps2, d, sign):
    """v moves by share towards g**2; p = shrink p - size u."""
    before, total = squares(p), 0.0
    for i in range(p.size):
        v[i] = _moved(v[i], g[i] * g[i], share)
        u = _direction(g[i], v[i], floor)
        total = add(total, u * u)
    size = sign * _size(before, total, of_all, rate, eps2, d)
    for i in range(p.size):
        p[i] = shrink * p[i] - size * _direction(g[i], v[i], floor)


@loop
def muon_direction(g, b, u, take, momentum, nesterov):
    """b = b + take (g - b); u = g + momentum (b - g) with nesterov, else b; gives sum u**2. All (R, C)."""
    total = 0.0
    for i in range(b.shape[0]):
        s, row, past, to = 0.0, g[i], b[i], u[i]
        for j in range(row.size):
            past[j] = _moved(past[j], row[j], take)
            to[j] = _moved(row[j], past[j], momentum) if nesterov else past[j]
            s = add(s, to[j] * to[j])
        total += s
    return total


@loop
def muon_polynomial(gram, square, x, y, z):
    """square = x I + y gram + z square, which X is multiplied by; gram = X X^T, square = gram gram."""
    for i in range(gram.shape[0]):
        a, to = gram[i], square[i]
        for j in range(a.size):
            to[j] = y * a[j] + z * to[j]
        to[i] += x


@loop
def muon_step(p, x, shrink, rate):
    """p = shrink p - rate x."""
    for i in range(p.size):
        p[i] = shrink * p[i] - rate * x[i]
