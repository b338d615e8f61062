"""Smooth activations, their gradients and a loss, element by element: formulas as in their functions in xdl/functional.

A number that is the same for all elements comes last: a, b, c as in the function's docstring.
"""

from __future__ import annotations

from .mathematics.error_function import erf as error_function
from .mathematics.exponential import exp, exp_of_negative, log
from .mathematics.hyperbolic import sigmoid as logistic
from .mathematics.hyperbolic import tanh
from .template import loop

TWO_BY_ROOT_PI = 1.1283791670955126
FAR = 1e4  # e**-FAR is 0
END = 30.0  # e**-END**2 is 0
LARGEST = 20.0  # from here on tanh ln(1 + e**x) is 1 in float64


@loop
def _at_least(x, low):
    """x, or low where it is below; nan stays."""
    return low if x < low else x


@loop
def _at_most(x, high):
    return high if x > high else x


@loop
def sigmoid(x, y):
    """y = 1 / (1 + e**-x)."""
    for i in range(x.size):
        y[i] = logistic(x[i])


@loop
def sigmoid_back(y, g, dx):
    """dx = g y (1 - y)."""
    for i in range(y.size):
        dx[i] = g[i] * y[i] * (1.0 - y[i])


@loop
def tanh_back(y, g, dx):
    """dx = g (1 - y**2)."""
    for i in range(y.size):
        dx[i] = g[i] * (1.0 - y[i] * y[i])


@loop
def silu(x, y):
    """y = x sigmoid x."""
    for i in range(x.size):
        y[i] = _at_least(x[i], -FAR) * logistic(x[i])


@loop
def silu_back(x, g, dx):
    """dx = g (s + x s (1 - s))."""
    for i in range(x.size):
        s = logistic(x[i])
        dx[i] = g[i] * (s + _at_most(_at_least(x[i], -FAR), FAR) * s * (1.0 - s))


@loop
def _mish_weight(x):
    """w = tanh ln(1 + e**x) = n / (n + 2), n = e**x (e**x + 2)."""
    e = exp(_at_most(x, LARGEST))
    n = e * (e + 2.0)
    return n / (n + 2.0)


@loop
def mish(x, y):
    """y = x w."""
    for i in range(x.size):
        y[i] = _at_least(x[i], -FAR) * _mish_weight(x[i])


@loop
def mish_back(x, g, dx):
    """dx = g (w + x (1 - w**2) sigmoid x)."""
    for i in range(x.size):
        w = _mish_weight(x[i])
        dx[i] = g[i] * (w + _at_most(_at_least(x[i], -FAR), FAR) * (1.0 - w * w) * logistic(x[i]))


@loop
def _log_of_one_and(e):
    """ln(1 + e) for e in [0, 1], exact for small e too: what the sum lost is e - (u - 1)."""
    u = 1.0 + e
    return log(u) + (e - (u - 1.0)) / u


@loop
def logsigmoid(x, y):
    """y = min(x, 0) - ln(1 + e**-|x|)."""
    for i in range(x.size):
        y[i] = _at_most(x[i], 0.0) - _log_of_one_and(exp_of_negative(-abs(x[i])))


@loop
def logsigmoid_back(x, g, dx):
    """dx = g sigmoid(-x)."""
    for i in range(x.size):
        dx[i] = g[i] * logistic(-x[i])


@loop
def logits(t, x, y):
    """y = (1 - t) x - ln sigmoid(x)."""
    for i in range(x.size):
        log_sigmoid = _at_most(x[i], 0.0) - _log_of_one_and(exp_of_negative(-abs(x[i])))
        y[i] = (1.0 - t[i]) * x[i] - log_sigmoid


@loop
def logits_slope(t, x, y):
    """y = sigmoid(x) - t."""
    for i in range(x.size):
        y[i] = logistic(x[i]) - t[i]


@loop
def softplus(x, y, beta, threshold):
    """y = ln(1 + e**(b x)) / b, or x where b x > threshold."""
    for i in range(x.size):
        z = beta * x[i]
        soft = (_at_least(z, 0.0) + _log_of_one_and(exp_of_negative(-abs(z)))) / beta
        y[i] = x[i] if z > threshold else soft


@loop
def softplus_back(x, g, dx, beta, threshold):
    """dx = g sigmoid(b x), or g where b x > threshold."""
    for i in range(x.size):
        z = beta * x[i]
        dx[i] = g[i] if z > threshold else g[i] * logistic(z)


@loop
def erf(x, y):
    """y = erf x."""
    for i in range(x.size):
        y[i] = error_function(x[i])


@loop
def erf_back(x, g, dx):
    """dx = g 2 / sqrt(pi) e**-x**2."""
    for i in range(x.size):
        c = _at_most(abs(x[i]), END)
        dx[i] = g[i] * (TWO_BY_ROOT_PI * exp_of_negative(-c * c))


@loop
def tanhshrink_back(x, g, dx):
    """dx = g tanh(x)**2."""
    for i in range(x.size):
        t = tanh(x[i])
        dx[i] = g[i] * t * t
