"""Root mean square normalization of rows.

r = 1 / sqrt(mean(x**2) + eps)      xhat = x r      y = gamma xhat
h = gamma g                         dx = (h - xhat mean(h xhat)) r
"""

from __future__ import annotations

import numpy as np

from .template import add, loop


@loop
def rms_norm(x, y, r, gamma, share, eps):
    """share: 1 / D."""
    for i in range(x.shape[0]):
        s = 0.0
        for j in range(x.shape[1]):
            s = add(s, x[i, j] * x[i, j])
        k = 1.0 / np.sqrt(s * share + eps)
        r[i] = k
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] * k * gamma[j]


@loop
def rms_norm_back(x, g, r, dx, sums, gamma, share):
    """dx, and what these rows add to sums: of g xhat."""
    for i in range(x.shape[0]):
        k, slope = r[i], 0.0
        for j in range(x.shape[1]):
            slope = add(slope, g[i, j] * gamma[j] * (x[i, j] * k))
        slope *= share
        for j in range(x.shape[1]):
            xhat = x[i, j] * k
            sums[0, j] += g[i, j] * xhat
            dx[i, j] = k * (g[i, j] * gamma[j] - xhat * slope)
