"""Batch normalization with what follows it: z = a (x - mu) + b and its sums as in batch_norm.py, with dz in place of g.

y = f(z), see ramp.py                    dz = g f'(z), with z computed again from x
y = max(z + r, 0)                        dz = dr = g where y != 0, else 0
"""

from __future__ import annotations

from .batch_norm import pixel_slopes, with_statistics
from .ramp import ramp, ramp_back
from .template import add, loop


@loop
def _ramp_terms(x, g, m, a, b, slope):
    """dz, and dz (x - mu)."""
    d = x - m
    dz = ramp_back(a * d + b, g, slope)
    return dz, dz * d


@loop
def plane_ramp(x, y, mu, a, b, slope):
    """y = f(a (x - mu) + b)."""
    for i in range(x.shape[0]):
        m, factor, shift = mu[i], a[i], b[i]
        for j in range(x.shape[1]):
            y[i, j] = ramp(factor * (x[i, j] - m) + shift, slope)


@loop
def plane_ramp_slopes(x, g, mu, a, b, total, along, slope):
    """The sums of each row of dz and of dz (x - mu)."""
    for i in range(x.shape[0]):
        m, factor, shift, s, q = mu[i], a[i], b[i], 0.0, 0.0
        for j in range(x.shape[1]):
            dz, product = _ramp_terms(x[i, j], g[i, j], m, factor, shift, slope)
            s = add(s, dz)
            q = add(q, product)
        total[i], along[i] = s, q


@loop
def plane_ramp_gradient(x, g, dx, mu, a, b, k, o, slope):
    """dx = a dz + k (x - mu) + o."""
    for i in range(x.shape[0]):
        m, factor, shift, each, rest = mu[i], a[i], b[i], k[i], o[i]
        for j in range(x.shape[1]):
            d = x[i, j] - m
            dx[i, j] = factor * ramp_back(factor * d + shift, g[i, j], slope) + with_statistics(d, each, rest)


@loop
def plane_sum(x, r, y, mu, a, b):
    """y = max(a (x - mu) + b + r, 0)."""
    for i in range(x.shape[0]):
        m, factor, shift = mu[i], a[i], b[i]
        for j in range(x.shape[1]):
            z = factor * (x[i, j] - m) + shift + r[i, j]
            y[i, j] = 0.0 if z < 0.0 else z


@loop
def _masked(g, y):
    """The gradient of relu's y."""
    return g if y != 0.0 else 0.0


@loop
def plane_sum_slopes(x, g, y, dz, mu, total, along):
    """dz, and the sums of each row of it and of dz (x - mu)."""
    for i in range(x.shape[0]):
        m, s, q = mu[i], 0.0, 0.0
        for j in range(x.shape[1]):
            d = _masked(g[i, j], y[i, j])
            dz[i, j] = d
            s = add(s, d)
            q = add(q, d * (x[i, j] - m))
        total[i], along[i] = s, q


@loop
def pixel_ramp(x, y, mu, a, b, slope):
    """y = f(a (x - mu) + b)."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = ramp(a[j] * (x[i, j] - mu[j]) + b[j], slope)


@loop
def pixel_ramp_slopes(x, g, sums, mu, a, b, slope):
    """Adds to sums (2, D) those of dz and of dz (x - mu), four rows at a time."""
    n = x.shape[0]
    for i in range(0, n - 3, 4):
        for j in range(x.shape[1]):
            m, factor, shift = mu[j], a[j], b[j]
            s, p = _ramp_terms(x[i, j], g[i, j], m, factor, shift, slope)
            t, q = _ramp_terms(x[i + 1, j], g[i + 1, j], m, factor, shift, slope)
            u, v = _ramp_terms(x[i + 2, j], g[i + 2, j], m, factor, shift, slope)
            w, r = _ramp_terms(x[i + 3, j], g[i + 3, j], m, factor, shift, slope)
            sums[0, j] += (s + t) + (u + w)
            sums[1, j] += (p + q) + (v + r)
    for i in range(n - n % 4, n):
        for j in range(x.shape[1]):
            s, p = _ramp_terms(x[i, j], g[i, j], mu[j], a[j], b[j], slope)
            sums[0, j] += s
            sums[1, j] += p


@loop
def pixel_ramp_gradient(x, g, dx, mu, a, b, k, o, slope):
    """dx = a dz + k (x - mu) + o."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            d = x[i, j] - mu[j]
            dx[i, j] = a[j] * ramp_back(a[j] * d + b[j], g[i, j], slope) + with_statistics(d, k[j], o[j])


@loop
def pixel_sum(x, r, y, mu, a, b):
    """y = max(a (x - mu) + b + r, 0)."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            z = a[j] * (x[i, j] - mu[j]) + b[j] + r[i, j]
            y[i, j] = 0.0 if z < 0.0 else z


@loop
def pixel_sum_slopes(x, g, y, dz, sums, mu):
    """dz, and adds to sums (2, D) those of it and of dz (x - mu), while some rows of it are in the cache."""
    for low in range(0, x.shape[0], 4):
        some = dz[low : low + 4]
        for i in range(some.shape[0]):
            for j in range(some.shape[1]):
                some[i, j] = _masked(g[low + i, j], y[low + i, j])
        pixel_slopes(x[low : low + 4], some, sums, mu)
