"""Batch normalization: sums over channels, and what is computed from them.

    y = a (x - mu) + b          dx = a g + k (x - mu) + o

planes:  x (R, M), a row for each channel of each image, with a number of its own of mu, a, b, ... (R,)
pixels:  x (P, D), the channels of a pixel, or of some, side by side, so that numbers (D,) serve all rows
"""

from __future__ import annotations

from .template import add, loop


@loop
def with_statistics(d, k, o):
    """k d + o for d = x - mu; o alone for k = 0, as with mu given, where d may be infinite."""
    return o if k == 0.0 else k * d + o


@loop
def plane_moments(x, mean, squares, share):
    """The mean of each row, and its sum of (x - mean)**2. share: 1 / M."""
    for i in range(x.shape[0]):
        s, q = 0.0, 0.0
        for j in range(x.shape[1]):
            s = add(s, x[i, j])
        m = s * share
        for j in range(x.shape[1]):
            d = x[i, j] - m
            q = add(q, d * d)
        mean[i], squares[i] = m, q


@loop
def plane_line(x, y, mu, a, b):
    """y = a (x - mu) + b."""
    for i in range(x.shape[0]):
        m, factor, shift = mu[i], a[i], b[i]
        for j in range(x.shape[1]):
            y[i, j] = factor * (x[i, j] - m) + shift


@loop
def plane_slopes(x, g, mu, total, along):
    """The sums of each row of g and of g (x - mu)."""
    for i in range(x.shape[0]):
        m, s, q = mu[i], 0.0, 0.0
        for j in range(x.shape[1]):
            s = add(s, g[i, j])
            q = add(q, g[i, j] * (x[i, j] - m))
        total[i], along[i] = s, q


@loop
def plane_gradient(x, g, dx, mu, a, k, o):
    """dx = a g + k (x - mu) + o."""
    for i in range(x.shape[0]):
        m, factor, slope, shift = mu[i], a[i], k[i], o[i]
        for j in range(x.shape[1]):
            dx[i, j] = factor * g[i, j] + with_statistics(x[i, j] - m, slope, shift)


@loop
def pixel_moments(x, sums, near):
    """Adds to sums (2, D) those of x - near and of its square, four rows at a time: sums are read and written less."""
    n = x.shape[0]
    for i in range(0, n - 3, 4):
        for j in range(x.shape[1]):
            a, b, c, d = x[i, j] - near[j], x[i + 1, j] - near[j], x[i + 2, j] - near[j], x[i + 3, j] - near[j]
            sums[0, j] += (a + b) + (c + d)
            sums[1, j] += (a * a + b * b) + (c * c + d * d)
    for i in range(n - n % 4, n):
        for j in range(x.shape[1]):
            a = x[i, j] - near[j]
            sums[0, j] += a
            sums[1, j] += a * a


@loop
def pixel_line(x, y, mu, a, b):
    """y = a (x - mu) + b."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = a[j] * (x[i, j] - mu[j]) + b[j]


@loop
def pixel_slopes(x, g, sums, mu):
    """Adds to sums (2, D) those of g and of g (x - mu), four rows at a time."""
    n = x.shape[0]
    for i in range(0, n - 3, 4):
        for j in range(x.shape[1]):
            m, a, b, c, d = mu[j], g[i, j], g[i + 1, j], g[i + 2, j], g[i + 3, j]
            sums[0, j] += (a + b) + (c + d)
            first, second = a * (x[i, j] - m) + b * (x[i + 1, j] - m), c * (x[i + 2, j] - m) + d * (x[i + 3, j] - m)
            sums[1, j] += first + second
    for i in range(n - n % 4, n):
        for j in range(x.shape[1]):
            sums[0, j] += g[i, j]
            sums[1, j] += g[i, j] * (x[i, j] - mu[j])


@loop
def pixel_gradient(x, g, dx, mu, a, k, o):
    """dx = a g + k (x - mu) + o."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            dx[i, j] = a[j] * g[i, j] + with_statistics(x[i, j] - mu[j], k[j], o[j])
