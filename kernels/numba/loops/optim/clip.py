"""The size of gradients, and their clipping: every loop takes the numbers of one array, or of a part of it."""

from __future__ import annotations

from ..bits import MAGNITUDE, bits, from_bits
from ..template import Integer, add, loop


@loop
def squares(x):
    """sum x**2."""
    s = 0.0
    for i in range(x.size):
        s = add(s, x[i] * x[i])
    return s


@loop
def magnitudes(x):
    """sum |x|."""
    s = 0.0
    for i in range(x.size):
        s = add(s, abs(x[i]))
    return s


@loop
def largest(x):
    """The largest |x|, 0 for none. Without the sign bits are in the order of numbers, and a nan is beyond infinity."""
    top = Integer(0)
    for i in range(x.size):
        key = Integer(bits(x[i]) & Integer(MAGNITUDE))
        top = key if key > top else top
    return from_bits(top)


@loop
def scale(x, factor):
    """x = factor x."""
    for i in range(x.size):
        x[i] *= factor


@loop
def limit(x, most):
    """x in [-most, most]; nan stays."""
    for i in range(x.size):
        value = most if x[i] > most else x[i]
        x[i] = -most if value < -most else value
