"""Activations of straight pieces, Hardswish, ELU's kin and Softsign, and their gradients, element by element.

Each formula is that of its function in xdl/functional. A gradient is g times a slope, as there, so that it is nan where
an infinite g meets the slope 0. Numbers that are the same for all elements come last.
"""

from __future__ import annotations

from .mathematics.exponential import exp, exp_less_one
from .template import Each, add, loop

LARGEST = Each(float32=3.4028234663852886e38, float64=1.7976931348623157e308)


@loop
def _between(x, low, high):
    """x, or the bound that it is beyond; nan stays."""
    c = low if x < low else x
    return high if c > high else c


@loop
def leaky_relu(x, y, a):
    """y = x where x > 0, else a x."""
    for i in range(x.size):
        y[i] = x[i] if x[i] > 0.0 else a * x[i]


@loop
def leaky_relu_back(x, g, dx, a):
    """dx = g where x > 0, else a g."""
    for i in range(x.size):
        dx[i] = g[i] * (1.0 if x[i] > 0.0 else a)


@loop
def clip(x, y, low, high):
    """y = x, or the bound that it is beyond."""
    for i in range(x.size):
        y[i] = _between(x[i], low, high)


@loop
def clip_back(x, g, dx, low, high):
    """dx = g where low < x < high, else 0 g."""
    for i in range(x.size):
        dx[i] = g[i] * (1.0 if (x[i] > low) & (x[i] < high) else 0.0)


@loop
def hardsigmoid(x, y):
    """y = (x + 3) / 6, cut off at 0 and 1."""
    for i in range(x.size):
        y[i] = _between(x[i] + 3.0, 0.0, 6.0) / 6.0


@loop
def hardsigmoid_back(x, g, dx):
    """dx = g / 6 where -3 < x < 3, else 0 g."""
    for i in range(x.size):
        dx[i] = g[i] * (1.0 / 6.0 if (x[i] > -3.0) & (x[i] < 3.0) else 0.0)


@loop
def hardswish(x, y):
    """y = x (x + 3) / 6, with the first factor at least -3 and the second from 0 to 6."""
    for i in range(x.size):
        c = -3.0 if x[i] < -3.0 else x[i]
        y[i] = c * ((3.0 if c > 3.0 else c) + 3.0) / 6.0


@loop
def hardswish_back(x, g, dx):
    """dx = g times 0 for x <= -3, 1 for x >= 3, x / 3 + 1/2 between."""
    for i in range(x.size):
        slope = x[i] / 3.0 + 0.5
        slope = 0.0 if x[i] <= -3.0 else slope
        dx[i] = g[i] * (1.0 if x[i] >= 3.0 else slope)


@loop
def hardshrink(x, y, limit):
    """y = 0 where |x| <= limit, else x."""
    for i in range(x.size):
        y[i] = 0.0 if abs(x[i]) <= limit else x[i]


@loop
def softshrink(x, y, limit):
    """y = x moved by limit towards 0, and 0 where |x| <= limit."""
    for i in range(x.size):
        y[i] = x[i] - _between(x[i], -limit, limit)


@loop
def shrink_back(x, g, dx, limit):
    """dx = g where |x| > limit, else 0 g."""
    for i in range(x.size):
        dx[i] = g[i] * (1.0 if abs(x[i]) > limit else 0.0)


@loop
def threshold(x, y, limit, value):
    """y = value where x <= limit, else x."""
    for i in range(x.size):
        y[i] = value if x[i] <= limit else x[i]


@loop
def threshold_back(x, g, dx, limit):
    """dx = 0 g where x <= limit, else g."""
    for i in range(x.size):
        dx[i] = g[i] * (0.0 if x[i] <= limit else 1.0)


@loop
def elu(x, y, alpha, scale, rate):
    """y = scale x where x > 0, else scale alpha (e**(rate x) - 1)."""
    for i in range(x.size):
        low = (alpha * scale) * exp_less_one((0.0 if x[i] > 0.0 else x[i]) * rate)
        y[i] = scale * x[i] if x[i] > 0.0 else low


@loop
def elu_back(x, g, dx, alpha, scale, rate):
    """dx = g scale where x > 0, else g scale alpha rate e**(rate x)."""
    for i in range(x.size):
        low = (alpha * scale * rate) * exp((0.0 if x[i] > 0.0 else x[i]) * rate)
        dx[i] = g[i] * (scale if x[i] > 0.0 else low)


@loop
def softsign(x, y):
    """y = x / (1 + |x|)."""
    for i in range(x.size):
        c = _between(x[i], -LARGEST, LARGEST)
        y[i] = c / (1.0 + abs(c))


@loop
def softsign_back(x, g, dx):
    """dx = g / (1 + |x|)**2."""
    for i in range(x.size):
        t = 1.0 / (1.0 + abs(x[i]))
        dx[i] = g[i] * t * t


@loop
def prelu(x, y, w):
    """leaky_relu of rows x (R, D) with a factor for each, w (R)."""
    for r in range(x.shape[0]):
        leaky_relu(x[r], y[r], w[r])


@loop
def prelu_back(x, g, dx, dw, w):
    """dx of leaky_relu, and dw = sum of g x where not x > 0."""
    for r in range(x.shape[0]):
        a, s = w[r], 0.0
        for j in range(x.shape[1]):
            over = x[r, j] > 0.0
            dx[r, j] = g[r, j] * (1.0 if over else a)
            s = add(s, g[r, j] * (0.0 if over else x[r, j]))
        dw[r] = s


@loop
def prelu_channels(x, y, w):
    """leaky_relu of rows x (M, C) with a factor for each column, w (C)."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] if x[i, j] > 0.0 else w[j] * x[i, j]


@loop
def prelu_channels_back(x, g, dx, sums, w):
    """The same with its gradients: what these rows add to sums (1, C) is that of w."""
    dw = sums[0]
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            over = x[i, j] > 0.0
            dx[i, j] = g[i, j] * (1.0 if over else w[j])
            dw[j] += g[i, j] * (0.0 if over else x[i, j])
