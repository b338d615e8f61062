"""Sine and cosine by Cody's and Waite's reduction: x = n pi / 2 + r, |r| <= pi / 4.

    sin r = r (1 + z S(z))        cos r = 1 - z / 2 + z**2 C(z)        z = r**2

The last two bits of n say which of the two it is, and with which sign. pi / 2 comes in parts: n times one of the first
has no rounding, since their last 20 digits are 0 and |n| < 2**20, so that r keeps its digits near multiples of pi / 2.
For float32 all that is done in float64, where two parts are enough. That holds for |x| < FAR; beyond, where few meet a
sine, the C library computes, one number at a time.
"""

from __future__ import annotations

from math import cos as cosine
from math import sin as sine

import numpy as np

from ..template import Each, Integer, loop
from .polynomial import polynomial, rounded

FAR = 1.5e6
TWO_BY_PI = 0.6366197723675814
HALF_PI = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21)
WIDE = tuple(np.float64(part) for part in (TWO_BY_PI, HALF_PI[0], 6.077100506506192e-11, 6755399441055744.0))
S = Each(
    float32=(-0.000195172619, 0.008332177954, -0.1666665494),
    float64=(
        1.589682713669431e-10,
        -2.5050758729673537e-08,
        2.7557313696358764e-06,
        -0.00019841269829822138,
        0.008333333333322432,
        -0.16666666666666632,
    ),
)
C = Each(
    float32=(2.443840456e-5, -0.001388736738, 0.04166664687),
    float64=(
        -1.1359665928103432e-11,
        2.0875723632113495e-09,
        -2.755731435506915e-07,
        2.4801587289492176e-05,
        -0.0013888888888874142,
        0.0416666666666666,
    ),
)


@loop
def _reduced64(x):
    m, n = rounded(x * TWO_BY_PI)
    return ((x - m * HALF_PI[0]) - m * HALF_PI[1]) - m * HALF_PI[2], n


@loop
def _reduced32(x):
    wide = np.float64(x)
    shifted = wide * WIDE[0] + WIDE[3]
    m = shifted - WIDE[3]
    return np.float32((wide - m * WIDE[1]) - m * WIDE[2]), np.int32(m)


reduced = Each(float32=_reduced32, float64=_reduced64)


@loop
def _turned(r, n):
    """sin(r + n pi / 2)."""
    z = r * r
    odd = r * (1.0 + z * polynomial(z, S))
    even = 1.0 - (0.5 * z - z * z * polynomial(z, C))
    y = even if n & Integer(1) else odd
    return -y if n & Integer(2) else y


@loop
def sin(x):
    """sin x."""
    if abs(x) >= FAR:
        return sine(x)
    r, n = reduced(x)
    return _turned(r, n)


@loop
def cos(x):
    """cos x = sin(x + pi / 2)."""
    if abs(x) >= FAR:
        return cosine(x)
    r, n = reduced(x)
    return _turned(r, Integer(n + Integer(1)))
