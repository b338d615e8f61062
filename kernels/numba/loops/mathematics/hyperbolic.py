"""The two curves shaped like an S.

    tanh |x| = |x| + |x| z P(z), z = x**2                  where |x| < SMALL
    tanh |x| = 1 - 2 e / (1 + e), e = e**(-2 |x|)          elsewhere
    sigmoid x = 1 / (1 + e**-x)

e**-|x| cannot overflow: for negative x the sigmoid is e**-|x| / (1 + e**-|x|), which keeps its digits near 0.
"""

from __future__ import annotations

from ..bits import with_sign
from ..template import Each, loop
from .exponential import exp_of_negative
from .polynomial import polynomial

SMALL = 0.625
P = Each(
    float32=(-0.005716932561, 0.02065058991, -0.0537435409, 0.1333149245, -0.3333328399),
    float64=(
        -2.276498728579593e-06,
        1.1806588113815709e-05,
        -3.6638988712730676e-05,
        9.575986763537071e-05,
        -0.00023877451976521245,
        0.0005899502722546931,
        -0.0014558224950231436,
        0.0035921267574589655,
        -0.00886323543667744,
        0.021869488531779863,
        -0.053968253968132665,
        0.13333333333333164,
        -0.3333333333333333,
    ),
)


@loop
def tanh(x):
    """(e**x - e**-x) / (e**x + e**-x)."""
    a, z = abs(x), x * x
    small = a + a * z * polynomial(z, P)
    e = exp_of_negative(-2.0 * a)
    far = 1.0 - 2.0 * e / (1.0 + e)
    return with_sign(small if a < SMALL else far, x)


@loop
def sigmoid(x):
    """1 / (1 + e**-x)."""
    e = exp_of_negative(-abs(x))
    return (1.0 if x >= 0.0 else e) / (1.0 + e)
