"""The bits of a float as an integer of the same size, and back: what a processor does for nothing.

The bits of a float are, from the left, its sign, its exponent plus BIAS, and DIGITS digits after the leading 1:

    float32    1, 8, 23    BIAS 127
    float64    1, 11, 52   BIAS 1023

so 2**n has the bits (n + BIAS) << DIGITS, and positive floats are in the order of their bits. Numba computes with
integers of 64 bits; Integer(...) makes one as long as the float again, and LLVM leaves the longer ones out.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .template import Each, Integer, loop

DIGITS = Each(float32=23, float64=52)
BIAS = Each(float32=127, float64=1023)
SIGN = Each(float32=31, float64=63)
MAGNITUDE = Each(float32=0x7FFFFFFF, float64=0x7FFFFFFFFFFFFFFF)
_SAME = {types.float32: types.int32, types.float64: types.int64}
_BACK = {integer: real for real, integer in _SAME.items()}


def _as(kind):
    """Emits the instruction that gives the same bits another type."""

    def emit(context, builder, signature, given):
        return builder.bitcast(given[0], kind)

    return emit


@intrinsic
def bits(typing, x):
    """The bits of a float."""
    return _SAME[x](x), _as(ir.IntType(x.bitwidth))


@intrinsic
def from_bits(typing, i):
    """The float with these bits."""
    return _BACK[i](i), _as(ir.FloatType() if i.bitwidth == 32 else ir.DoubleType())


@loop
def power_of_two(n):
    """2**n for an integer n from 1 - BIAS to BIAS."""
    return from_bits(Integer((n + Integer(BIAS)) << Integer(DIGITS)))


@loop
def with_sign(a, x):
    """a >= 0 with the sign of x, that of a zero too."""
    return from_bits(Integer(bits(a) | (bits(x) & ~Integer(MAGNITUDE))))


@loop
def sort_key(x):
    """An integer in the order of floats: the largest of integers is found by vectors without a thought about nan.

    A nan without sign comes out as the largest, one with a sign as the smallest.
    """
    i = bits(x)
    return Integer(i ^ ((i >> Integer(SIGN)) & Integer(MAGNITUDE)))


@loop
def from_key(i):
    """The way back: the same operation."""
    return from_bits(Integer(i ^ ((i >> Integer(SIGN)) & Integer(MAGNITUDE))))
