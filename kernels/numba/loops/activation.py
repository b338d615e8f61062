"""Activations with slots of their own, and their gradients, element by element. nan stays nan."""

from __future__ import annotations

from .mathematics.error_function import normal
from .mathematics.hyperbolic import sigmoid
from .template import loop

SCALE, CUBE = 0.7978845608028654, 0.044715  # sqrt(2 / pi), and what makes tanh more like erf
FAR = 40.0  # P(-FAR) = 0 in float64, and P'(FAR) = 0


@loop
def relu(x, y):
    """y = max(x, 0)."""
    for i in range(x.size):
        y[i] = 0.0 if x[i] < 0.0 else x[i]


@loop
def relu_back(y, g, dx):
    """dx = g where y != 0, else 0."""
    for i in range(y.size):
        dx[i] = g[i] if y[i] != 0.0 else 0.0


@loop
def add_relu(a, b, y):
    """y = max(a + b, 0)."""
    for i in range(a.size):
        z = a[i] + b[i]
        y[i] = 0.0 if z < 0.0 else z


@loop
def _cut(x):
    """x, or -FAR below it, where x P(x) is 0; so infinity times 0 never comes up."""
    return -FAR if x < -FAR else x


@loop
def _cut_both(x):
    return FAR if x > FAR else _cut(x)


@loop
def gelu(x, y):
    """y = x P, P = the normal distribution's."""
    for i in range(x.size):
        p, _ = normal(x[i])
        y[i] = _cut(x[i]) * p


@loop
def gelu_slope(x, y, slope):
    """y = x P, and dy / dx = P + x P'."""
    for i in range(x.size):
        p, bell = normal(x[i])
        c = _cut_both(x[i])
        y[i] = _cut(x[i]) * p
        slope[i] = p + c * (0.5 * SCALE * bell)


@loop
def _logistic(c):
    """P = sigmoid(2 u), u = SCALE (x + CUBE x**3)."""
    return sigmoid(2.0 * SCALE * (c + CUBE * c * c * c))


@loop
def gelu_tanh(x, y):
    """y = x P."""
    for i in range(x.size):
        y[i] = _cut(x[i]) * _logistic(_cut_both(x[i]))


@loop
def gelu_tanh_slope(x, y, slope):
    """y = x P, and dy / dx = P + x P', P' = 2 P (1 - P) u'."""
    for i in range(x.size):
        c = _cut_both(x[i])
        p = _logistic(c)
        y[i] = _cut(x[i]) * p
        slope[i] = p + c * p * (1.0 - p) * (2.0 * SCALE * (1.0 + 3.0 * CUBE * c * c))


@loop
def product(a, b, y):
    """y = a b."""
    for i in range(a.size):
        y[i] = a[i] * b[i]
