"""The bits of a float as an integer of the same size, and back: what a processor does for nothing.

The bits of a float are, from the left, its sign, its exponent plus BIAS, and DIGITS digits after the leading 1:

    float32    1, 8, 23    BIAS 127
    float64    1, 11, 52   BIAS 1023

so 2**n has the bits (n + BIAS) << DIGITS, and positive floats are in the order of their bits. Numba computes with
integers of 64 bits; I(...) makes one as long as the float again, and LLVM leaves the longer ones out.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .template import Each, I, exact

DIGITS = Each(float32=23, float64=52)
BIAS = Each(float32=127, float64=1023)
SIGN = Each(float32=31, float64=63)
MAGNITUDE = Each(float32=0x7FFFFFFF, float64=0x7FFFFFFFFFFFFFFF)
_SAME = {types.float32: types.int32, types.float64: types.int64}
_BACK = {integer: real for real, integer in _SAME.items()}


@intrinsic
def bits(typing, x):
    """The bits of a float."""
    size = ir.IntType(x.bitwidth)
    return _SAME[x](x), lambda context, builder, signature, given: builder.bitcast(given[0], size)


@intrinsic
def from_bits(typing, i):
    """The float with these bits."""
    size = ir.FloatType() if i.bitwidth == 32 else ir.DoubleType()
    return _BACK[i](i), lambda context, builder, signature, given: builder.bitcast(given[0], size)


@exact
def power_of_two(n):
    """2**n for an integer n from 1 - BIAS to BIAS."""
    return from_bits(I((n + I(BIAS)) << I(DIGITS)))


@exact
def with_sign(a, x):
    """a >= 0 with the sign of x, that of a zero too."""
    return from_bits(I(bits(a) | (bits(x) & ~I(MAGNITUDE))))


@exact
def sort_key(x):
    """An integer in the order of floats: the largest of integers is found by vectors without a thought about nan.

    A nan without sign comes out as the largest, one with a sign as the smallest.
    """
    i = bits(x)
    return I(i ^ ((i >> I(SIGN)) & I(MAGNITUDE)))


@exact
def from_key(i):
    """The way back: the same operation."""
    return from_bits(I(i ^ ((i >> I(SIGN)) & I(MAGNITUDE))))
