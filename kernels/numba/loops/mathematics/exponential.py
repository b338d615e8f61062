"""e**x, e**x - 1 and ln x.

    e**x = 2**n e**r        x = n ln 2 + r, |r| <= ln 2 / 2        e**r = 1 + r + r**2 P(r)
    e**x - 1 = 2**n (r + r**2 P(r)) + (2**n - 1), which loses nothing to 1 where x is small
    ln x = k ln 2 + ln m    x = 2**k m, 1 / sqrt(2) <= m < sqrt(2)

With f = m - 1, s = f / (2 + f), z = s**2: ln m = 2 artanh s = 2 s + s z R(z) = f - s (f - z R(z)).

ln 2 is LN2_HIGH + LN2_LOW, where a product of LN2_HIGH with any n that comes up is exact.

nan needs no question: a comparison with it is false, so that it stays where a bound is `LOWEST if x < LOWEST else x`;
then r is nan, and so is its product with whatever 2**n has become.
"""

from __future__ import annotations

from math import inf, nan

from ..bits import DIGITS, bits, from_bits, power_of_two
from ..template import Each, Integer, loop
from .polynomial import polynomial, rounded, to_float

LOG2_E = 1.4426950408889634
LN2_HIGH = Each(float32=0.693359375, float64=0.6931471803691238)
LN2_LOW = Each(float32=-2.12194440e-4, float64=1.9082149292705877e-10)
LOWEST = Each(float32=-104.0, float64=-746.0)  # e**x is 0 below, and infinite above HIGHEST
HIGHEST = Each(float32=89.0, float64=710.0)
ALL_GONE = -40.0  # e**x - 1 is -1 below
P = Each(
    float32=(0.001395059054, 0.00836888973, 0.04166620411, 0.1666651884, 0.5000000096),
    float64=(
        2.0926871503816418e-09,
        2.5112239675158352e-08,
        2.7557233591727085e-07,
        2.755723423833053e-06,
        2.480158737345591e-05,
        0.00019841269897055903,
        0.0013888888888858614,
        0.00833333333331674,
        0.04166666666666673,
        0.16666666666666685,
        0.5,
    ),
)
R = Each(
    float32=(0.2987184877, 0.3997753758, 0.6666677641),
    float64=(
        0.147959798182115,
        0.153140516411929,
        0.18183564118226575,
        0.2222219858027054,
        0.28571428742292493,
        0.3999999999941519,
        0.6666666666666734,
    ),
)
SMALLEST = Each(float32=1.1754943508222875e-38, float64=2.2250738585072014e-308)  # with a leading 1
LIFT = Each(float32=33554432.0, float64=18014398509481984.0)  # 2**LIFTED, which gives smaller ones a leading 1
LIFTED = Each(float32=25, float64=54)
HALF_ROOT = 0.7071067811865476
LIFTED_BY, LOWERED = 64, 2.0**-64  # n + LIFTED_BY is an exponent for all n >= LOWEST / ln 2


@loop
def _parts(x):
    """e**r - 1 and n."""
    m, n = rounded(x * LOG2_E)
    r = x - m * LN2_HIGH
    r = r - m * LN2_LOW
    return r + r * r * polynomial(r, P), n


@loop
def exp(x):
    """e**x. 2**n is multiplied in two halves, so that the smallest results are rounded once and none overflows."""
    c = LOWEST if x < LOWEST else x
    c = HIGHEST if c > HIGHEST else c
    y, n = _parts(c)
    half = Integer(n >> Integer(1))
    return (1.0 + y) * power_of_two(half) * power_of_two(Integer(n - half))


@loop
def exp_of_negative(x):
    """e**x for x <= 0 (and up to 40). 2**n is lifted, so that the smallest results are rounded once, at the end."""
    y, n = _parts(LOWEST if x < LOWEST else x)
    return (1.0 + y) * power_of_two(Integer(n + Integer(LIFTED_BY))) * LOWERED


@loop
def exp_less_one(x):
    """e**x - 1 for x <= 0, and 0 above."""
    c = ALL_GONE if x < ALL_GONE else x
    y, n = _parts(0.0 if c > 0.0 else c)
    power = power_of_two(n)
    return power * y + (power - 1.0)


@loop
def log(x):
    """ln x: -inf at 0, nan below."""
    small = x < SMALLEST
    i = bits(x * LIFT if small else x)
    k = Integer(Integer(i - bits(HALF_ROOT)) >> Integer(DIGITS))
    f = from_bits(Integer(i - Integer(k << Integer(DIGITS)))) - 1.0
    s = f / (2.0 + f)
    z = s * s
    n = to_float(Integer(k - Integer(LIFTED)) if small else k)
    y = n * LN2_HIGH - ((s * (f - z * polynomial(z, R)) - n * LN2_LOW) - f)
    y = y if x > 0.0 else nan
    y = x if x == inf else y
    return -inf if x == 0.0 else y
