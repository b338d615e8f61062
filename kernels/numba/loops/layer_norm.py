"""Layer normalization of rows.

mu, var of each row      r = 1 / sqrt(var + eps)      xhat = (x - mu) r      y = gamma xhat + beta
h = gamma g              dx = r (h - mean h - xhat mean(h xhat))
"""

from __future__ import annotations

import numpy as np

from .template import add, loop


@loop
def layer_norm(x, y, mu, r, gamma, beta, share, eps):
    """share: 1 / D."""
    for i in range(x.shape[0]):
        s, v = 0.0, 0.0
        for j in range(x.shape[1]):
            s = add(s, x[i, j])
        m = s * share
        for j in range(x.shape[1]):
            d = x[i, j] - m
            v = add(v, d * d)
        k = 1.0 / np.sqrt(v * share + eps)
        mu[i], r[i] = m, k
        for j in range(x.shape[1]):
            y[i, j] = (x[i, j] - m) * k * gamma[j] + beta[j]


@loop
def layer_norm_back(x, g, mu, r, dx, sums, gamma, share):
    """dx, and what these rows add to sums: of g xhat, and of g."""
    for i in range(x.shape[0]):
        m, k, mean, slope = mu[i], r[i], 0.0, 0.0
        for j in range(x.shape[1]):
            h = g[i, j] * gamma[j]
            mean = add(mean, h)
            slope = add(slope, h * ((x[i, j] - m) * k))
        mean, slope = mean * share, slope * share
        for j in range(x.shape[1]):
            xhat = (x[i, j] - m) * k
            sums[0, j] += g[i, j] * xhat
            sums[1, j] += g[i, j]
            dx[i, j] = k * (g[i, j] * gamma[j] - mean - xhat * slope)
