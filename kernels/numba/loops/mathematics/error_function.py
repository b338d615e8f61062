"""The error function, from one polynomial near 0 and one for the tail, and the normal distribution, from a fraction.

    erf x = x P(z), z = x**2                               where |x| < 1
    erfc |x| = e**-z Q(t), t = (|x| - K) / (|x| + K)       elsewhere; 1 - erf |x|

t maps the tail onto a short range, in which e**z erfc |x| is smooth; from END on e**-z is 0.

    probability that a normal number is below -a = e**(-a**2 / 2) TOP(a) / BOTTOM(a)       from FAR on 0

All coefficients of TOP and BOTTOM are positive, so that no digits are lost: the fraction is fitted as the polynomials
are, to a twentieth of the last digit of float32 and a hundredth of float64.
"""

from __future__ import annotations

from ..bits import with_sign
from ..template import Each, loop
from .exponential import exp_of_negative
from .polynomial import polynomial

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
FAR = Each(float32=14.5, float64=38.7)
TOP = Each(
    float32=(0.004116292943, 0.04063312184, 0.1832348356, 0.438294556, 0.5000000030),
    float64=(
        2.2343227910581957e-07,
        6.956093112517671e-06,
        0.00010631412892639483,
        0.0010375792715415143,
        0.007110624609261752,
        0.035617410140536606,
        0.13189757302815325,
        0.3570408360150851,
        0.6792136971463765,
        0.8276705382141755,
        0.5,
    ),
)
BOTTOM = Each(
    float32=(0.01031789651, 0.1018585792, 0.4694698304, 1.202501908, 1.674474094, 1.0),
    float64=(
        5.600616682717588e-07,
        1.7436339676833705e-05,
        0.00026705006322467235,
        0.002618261879103644,
        0.01808906256484406,
        0.09184556048532358,
        0.34791449186965543,
        0.9792211170364702,
        2.0001282848991626,
        2.8158182544053038,
        2.453225637231217,
        1.0,
    ),
)


@loop
def _tail(a):
    """erfc a for a >= 1; 0 from END on."""
    c = END if a > END else a
    return exp_of_negative(-c * c) * polynomial((c - K) / (c + K), Q)


@loop
def erf(x):
    """2 / sqrt(pi) times the integral of e**(-t**2) from 0 to x."""
    a = abs(x)
    near, far = a * polynomial(x * x, P), 1.0 - _tail(a)
    return with_sign(near if a < 1.0 else far, x)


@loop
def normal(x):
    """The probability that a standard normal number is below x, and e**(-x**2 / 2)."""
    a = FAR if abs(x) > FAR else abs(x)
    bell = exp_of_negative(-0.5 * a * a)
    tail = bell * (polynomial(a, TOP) / polynomial(a, BOTTOM))
    return (tail if x < 0.0 else 1.0 - tail), bell


@loop
def normal_probability(x):
    """That a standard normal number is below x: erfc(-x / sqrt(2)) / 2."""
    probability, _ = normal(x)
    return probability
