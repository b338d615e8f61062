"""ReLU and LeakyReLU at the end of other loops: y = f(z) = z where z > 0, else slope z.

A slope of 0 is ReLU: 0 for an infinite z or g, too, where 0 times it would be nan. A nan stays. Slopes above 0 keep the
sign, so that y says as well as z what f'(z) is.
"""

from __future__ import annotations

from .template import add, loop


@loop
def ramp(z, slope):
    """y = f(z)."""
    below = 0.0 if slope == 0.0 else slope * z
    return below if z < 0.0 else z


@loop
def ramp_back(z, g, slope):
    """dz = g f'(z); at a nan g of ReLU and slope g of LeakyReLU, as by themselves."""
    below = 0.0 if slope == 0.0 else slope * g
    return g if (z > 0.0) | ((z != z) & (slope == 0.0)) else below


@loop
def ramp_in_place(y, slope):
    """f(y) in the place of y."""
    for i in range(y.size):
        y[i] = ramp(y[i], slope)


@loop
def pixels_back(g, y, dz, sums, slope):
    """dz (P, D) from g and y = f(z), and adds its sums over rows to sums (1, D)."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            d = ramp_back(y[i, j], g[i, j], slope)
            dz[i, j] = d
            sums[0, j] += d


@loop
def planes_back(g, y, dz, total, slope):
    """dz (R, M) from g and y = f(z), and the sums of its rows."""
    for i in range(y.shape[0]):
        s = 0.0
        for j in range(y.shape[1]):
            d = ramp_back(y[i, j], g[i, j], slope)
            dz[i, j] = d
            s = add(s, d)
        total[i] = s
