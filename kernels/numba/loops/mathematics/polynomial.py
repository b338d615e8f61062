"""Polynomials by Horner's rule, and whole numbers by a trick with the digits of a float."""

from __future__ import annotations

from numba.extending import intrinsic

from ..bits import bits, from_bits
from ..template import Each, Integer, loop

# 3 2**(DIGITS - 1): the last digit of a float of this size is worth 1, so what is added to it gets rounded to a whole
# number, and the bits count on with it. Conversions from float to integer are slower, or have no vectors.
WHOLE = Each(float32=12582912.0, float64=6755399441055744.0)


@intrinsic
def polynomial(typing, x, coefficients):
    """c_0 x**n + c_1 x**(n - 1) + ... + c_n, written out: a loop over them would not always be unrolled by LLVM."""

    def emit(context, builder, signature, given):
        x, (first, *others) = given[0], [builder.extract_value(given[1], k) for k in range(coefficients.count)]
        y = first
        for c in others:
            y = builder.fadd(builder.fmul(y, x, flags=("contract",)), c, flags=("contract",))
        return y

    return x(x, coefficients), emit


@loop
def rounded(x):
    """The whole number nearest to x, as a float and as an integer, for |x| < 2**(DIGITS - 2)."""
    shifted = x + WHOLE
    return shifted - WHOLE, Integer(bits(shifted) - bits(WHOLE))


@loop
def to_float(n):
    """An integer |n| < 2**(DIGITS - 2) as a float."""
    return from_bits(Integer(n + bits(WHOLE))) - WHOLE
