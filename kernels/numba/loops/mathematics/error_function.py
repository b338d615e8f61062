"""The error function and the normal distribution's, from one polynomial near 0 and one for the tail.

    erf x = x P(z), z = x**2                               where |x| < 1
    erfc |x| = e**-z Q(t), t = (|x| - K) / (|x| + K)       elsewhere; 1 - erf |x|

t maps the tail onto a short range, in which e**z erfc |x| is smooth; from END on e**-z is 0.
"""

from __future__ import annotations

from ..bits import with_sign
from ..template import Each, loop
from .exponential import exp
from .polynomial import polynomial

ROOT_HALF = 0.7071067811865476
K = Each(float32=2.0, float64=3.0)
END = Each(float32=10.1, float64=27.3)
P = Each(
    float32=(
        7.853849828e-5,
        -0.0008010202699,
        0.005188330483,
        -0.02685381458,
        0.1128358525,
        -0.3761262584,
        1.128379166,
    ),
    float64=(
        5.945255584223488e-11,
        -1.136567067182716e-09,
        1.4657883530919653e-08,
        -1.635002619207727e-07,
        1.6460972954153765e-06,
        -1.4925593518728226e-05,
        0.00012055331037551108,
        -0.0008548326978765149,
        0.00522397762478137,
        -0.02686617064507296,
        0.11283791670954858,
        -0.3761263890318375,
        1.1283791670955126,
    ),
)
Q = Each(
    float32=(
        0.0001229291078,
        0.0001041473576,
        -0.0009894542253,
        -0.0008580549351,
        0.007000386771,
        0.003733483501,
        -0.07897877812,
        0.2416581854,
        -0.4271858443,
        0.2553956763,
    ),
    float64=(
        5.385414575482931e-10,
        1.514007390638627e-09,
        -1.1049831010526565e-08,
        -4.454638985919404e-10,
        4.98230978159016e-08,
        2.8198160938760835e-08,
        -2.360190315951601e-07,
        -2.934842676962129e-07,
        1.2527986821801e-06,
        2.1198521216106105e-06,
        -7.978159923152387e-06,
        -1.286046944429071e-05,
        6.405655485822174e-05,
        4.525529568588806e-05,
        -0.0005970619482115846,
        0.000707746439088592,
        0.004269136332815714,
        -0.024392499318677253,
        0.07166583719797885,
        -0.15011593650077712,
        0.24560380171233087,
        -0.3262335600430372,
        0.17900115118138996,
    ),
)


@loop
def _tail(a):
    """erfc a for a >= 1; 0 from END on."""
    c = a if a < END else END
    return exp(-c * c) * polynomial((c - K) / (c + K), Q)


@loop
def erf(x):
    """2 / sqrt(pi) times the integral of e**(-t**2) from 0 to x."""
    a = abs(x)
    near, far = a * polynomial(x * x, P), 1.0 - _tail(a)
    y = with_sign(near if a < 1.0 else far, x)
    return y if x == x else x


@loop
def normal_probability(x):
    """That a standard normal number is below x: erfc(-x / sqrt(2)) / 2."""
    z = x * ROOT_HALF
    a = abs(z)
    near, tail = 0.5 + 0.5 * z * polynomial(z * z, P), 0.5 * _tail(a)
    far = tail if x < 0.0 else 1.0 - tail
    y = near if a < 1.0 else far
    return y if x == x else x
