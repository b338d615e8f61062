"""Tiles of depthwise convolutions: their vectors are channels, so nothing is spread over lanes and nothing is packed.

x: images as so many numbers      offsets (pixels,): where each pixel begins in x, after `start`
taps (T,): where each tap lies after that      a tile takes a vector of channels, from j LANES on
"""

from __future__ import annotations

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..tile import BYTES, Matrix, Sums, number

PIXELS, TAPS = 8, (9, 5)
INDEX = types.int64


def _channel(builder, kind, x, start, j):
    """Where the first channel of a tile lies in x."""
    lanes = BYTES * 8 // kind.dtype.bitwidth
    return builder.gep(x.data, [builder.add(start, builder.mul(j, number(lanes)))])


def make_tile(rows):
    """tile(x, start, offsets, i, taps, w, bias, j, z) for so many pixels.

    z[i + r, c] = bias[c] + sum_t w[t, c] x[offsets[i + r] + taps[t] + c]

    w (T, C), bias (C,), z (pixels, C)
    """

    @intrinsic
    def tile(typing, x, start, offsets, i, taps, w, bias, j, z):
        def emit(context, builder, signature, given):
            kinds, (start, i, j) = signature.args, (given[n] for n in (1, 3, 7))
            x, offsets, taps, w, bias, z = (Matrix(context, builder, kinds[n], given[n]) for n in (0, 2, 4, 5, 6, 8))
            sums = Sums(context, builder, kinds[0].dtype, z, i, rows, j, 1)
            sums.begin_with(bias.data)
            begin = _channel(builder, kinds[0], x, start, j)
            pixels = [builder.load(offsets.row(builder.add(i, number(r)))) for r in range(rows)]
            with cgutils.for_range(builder, taps.shape[0]) as tap:
                met = builder.gep(begin, [builder.load(taps.row(tap.index))])
                row = builder.gep(w.row(tap.index), [sums.from_column])
                sums.add_vectors(row, [builder.gep(met, [pixel]) for pixel in pixels])
            sums.end()
            return context.get_dummy_value()

        return types.void(x, INDEX, offsets, INDEX, taps, w, bias, INDEX, z), emit

    return tile


def make_turned(rows):
    """turned(x, start, offsets, taps, t, g, j, dw): dw[t + r, c] += sum_i g[i, c] x[offsets[i] + taps[t + r] + c].

    g (pixels, C), dw (T, C)
    """

    @intrinsic
    def turned(typing, x, start, offsets, taps, t, g, j, dw):
        def emit(context, builder, signature, given):
            kinds, (start, t, j) = signature.args, (given[n] for n in (1, 4, 6))
            x, offsets, taps, g, dw = (Matrix(context, builder, kinds[n], given[n]) for n in (0, 2, 3, 5, 7))
            sums = Sums(context, builder, kinds[0].dtype, dw, t, rows, j, 1)
            sums.go_on()
            begin = _channel(builder, kinds[0], x, start, j)
            met = [builder.gep(begin, [builder.load(taps.row(builder.add(t, number(r))))]) for r in range(rows)]
            with cgutils.for_range(builder, g.shape[0]) as pixel:
                at = builder.load(offsets.row(pixel.index))
                row = builder.gep(g.row(pixel.index), [sums.from_column])
                sums.add_vectors(row, [builder.gep(place, [at]) for place in met])
            sums.end()
            return context.get_dummy_value()

        return types.void(x, INDEX, offsets, taps, INDEX, g, INDEX, dw), emit

    return turned


several, one = make_tile(PIXELS), make_tile(1)
MANY, SOME = TAPS
many_turned, some_turned, one_turned = (make_turned(rows) for rows in (*TAPS, 1))
