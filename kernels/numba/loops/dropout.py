"""Dropout with the words of Philox 4x64-10 (Salmon, Moraes, Dror, Shaw 2011), NumPy's and those of xdl.random.philox.

A counter of four words goes through ten rounds, each with a key that moves on by BUMP; the upper and lower halves of
two products mix the words. Sixteen elements share a counter: element i takes lane i, of 16 bits, of its four words.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .template import loop

FACTORS = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
BUMPS = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
ZERO, ONE = np.uint64(0), np.uint64(1)
LANE, MASK = np.uint64(16), np.uint64(0xFFFF)


@intrinsic
def upper_half(typing, x, y):
    """The upper 64 bits of the product of two uint64."""

    def emit(context, builder, signature, given):
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(given[0], wide), builder.zext(given[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), emit


@loop
def words(block, step, k0, k1):
    """The four words of a counter; NumPy's generator adds 1 before it gives the first."""
    a, b, c, d = block + ONE, step, ZERO, ZERO
    for _ in range(10):
        upper_a, lower_a = upper_half(a, FACTORS[0]), a * FACTORS[0]
        upper_c, lower_c = upper_half(c, FACTORS[1]), c * FACTORS[1]
        a, b, c, d = upper_c ^ b ^ k0, lower_c, upper_a ^ d ^ k1, lower_a
        k0, k1 = k0 + BUMPS[0], k1 + BUMPS[1]
    return a, b, c, d


@loop
def dropout(x, keep, y, k0, k1, step, first, drop, factor):
    """keep where a lane is at least drop, and y = x factor there, else x 0. first: the block of the first element."""
    block = first
    for start in range(0, x.size, 16):
        lane = start
        for word in words(block, step, k0, k1):
            for _ in range(4):
                if lane < x.size:
                    kept = (word & MASK) >= drop
                    keep[lane] = kept
                    y[lane] = x[lane] * (factor if kept else 0.0)
                word = word >> LANE
                lane += 1
        block += ONE


@loop
def masked(g, keep, dx, factor):
    """dx = g factor where keep is, else g 0."""
    for i in range(g.size):
        dx[i] = g[i] * (factor if keep[i] else 0.0)
