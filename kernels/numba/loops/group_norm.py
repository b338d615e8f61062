"""Group normalization: x (R, K, S), for each group of each image a row of K channels with S numbers each.

mu, var of each row      r = 1 / sqrt(var + eps)      y = gamma r (x - mu) + beta, gamma and beta (R, K)
h = gamma g              dx = r (h - mean h - (x - mu) r**2 mean(h (x - mu)))

A row is read from memory once, and stays in the cache until it is done.
"""

from __future__ import annotations

import numpy as np

from .template import add, loop


@loop
def group_norm(x, y, mu, r, gamma, beta, share, eps):
    """share: 1 / (K S)."""
    for i in range(x.shape[0]):
        row, s, v = x[i].reshape(-1), 0.0, 0.0
        for j in range(row.size):
            s = add(s, row[j])
        m = s * share
        for j in range(row.size):
            d = row[j] - m
            v = add(v, d * d)
        scale = 1.0 / np.sqrt(v * share + eps)
        mu[i], r[i] = m, scale
        for c in range(x.shape[1]):
            factor, shift = scale * gamma[i, c], beta[i, c]
            for j in range(x.shape[2]):
                y[i, c, j] = factor * (x[i, c, j] - m) + shift


@loop
def group_norm_back(x, g, dx, total, along, mu, r, gamma, share):
    """dx, and of each channel total (R, K), the sum of g, and along, that of g (x - mu)."""
    for i in range(x.shape[0]):
        m, scale, mean, slope = mu[i], r[i], 0.0, 0.0
        for c in range(x.shape[1]):
            s, q = 0.0, 0.0
            for j in range(x.shape[2]):
                s = add(s, g[i, c, j])
                q = add(q, g[i, c, j] * (x[i, c, j] - m))
            total[i, c], along[i, c] = s, q
            mean += gamma[i, c] * s
            slope += gamma[i, c] * q
        k, o = -scale * scale * scale * slope * share, -scale * mean * share
        for c in range(x.shape[1]):
            factor = scale * gamma[i, c]
            for j in range(x.shape[2]):
                dx[i, c, j] = factor * g[i, c, j] + (k * (x[i, c, j] - m) + o)
