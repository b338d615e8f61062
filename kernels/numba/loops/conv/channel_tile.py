"""Tiles of depthwise convolutions: their vectors are channels, so nothing is spread over lanes and nothing is packed.

x: images as so many numbers      taps (T,): where each tap lies after the place in x where a pixel's patch begins
a tile takes a vector of channels, from k or from j LANES on

The pixels of a tile of a forward pass are neighbours in a row. What a row of three taps meets of one of them, it meets
of the next one, too: of 8 pixels it reads 10 vectors by steps of one, not 24, and as many as are added take as long.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..tile import BYTES, MOST, Matrix, Sums, number

PIXELS, SOME_PIXELS = (8, 4) if MOST == 12 else (4, 2)  # sums and filters fill the registers
TAPS = (9, 5)
INDEX = types.int64


class Vectors:
    """How a vector of an array's type is read and written, wherever it begins."""

    def __init__(self, context, builder, kind):
        self.builder, self.size = builder, kind.dtype.bitwidth // 8
        self.kind = ir.VectorType(context.get_value_type(kind.dtype), BYTES // self.size)

    def load(self, place):
        value = self.builder.load(self._pointer(place))
        value.align = self.size
        return value

    def store(self, value, place):
        self.builder.store(value, self._pointer(place)).align = self.size

    def _pointer(self, place):
        return self.builder.bitcast(place, self.kind.as_pointer())


def make_tile(pixels, width=1, stride=1):
    """tile(x, at, step, taps, first, last, w, bias, k, y, place, apart) of the taps first to last - 1, row by row.

    y[place + p apart + k] = bias[k] + sum over rows i and b < width of
                             w[first + i width + b, k] x[at + taps[first + i width] + (p stride + b) step + k]

    w (T, C), bias (C,), y: so many numbers
    """
    reached = (pixels - 1) * stride + width

    @intrinsic
    def tile(typing, x, at, step, taps, first, last, w, bias, k, y, place, apart):
        def emit(context, builder, signature, given):
            kinds, (at, step, first, last) = signature.args, (given[n] for n in (1, 2, 4, 5))
            k, place, apart = given[8], given[10], given[11]
            x, taps, w, bias, y = (Matrix(context, builder, kinds[n], given[n]) for n in (0, 3, 6, 7, 9))
            vectors = Vectors(context, builder, kinds[0])
            begin = vectors.load(builder.gep(bias.data, [k]))
            sums = [cgutils.alloca_once(builder, vectors.kind) for _ in range(pixels)]
            for total in sums:
                builder.store(begin, total)
            source = builder.gep(x.data, [builder.add(at, k)])
            rows = builder.sdiv(builder.sub(last, first), number(width))
            with cgutils.for_range(builder, rows) as row:
                tap = builder.add(first, builder.mul(row.index, number(width)))
                own = [vectors.load(builder.gep(w.row(builder.add(tap, number(b))), [k])) for b in range(width)]
                line = builder.gep(source, [builder.load(taps.row(tap))])
                for n in range(reached):
                    met = [(p, n - p * stride) for p in range(pixels) if 0 <= n - p * stride < width]
                    value = vectors.load(builder.gep(line, [builder.mul(step, number(n))])) if met else None
                    for p, b in met:
                        product = builder.fmul(value, own[b], flags=("contract",))
                        builder.store(builder.fadd(builder.load(sums[p]), product, flags=("contract",)), sums[p])
            into = builder.gep(y.data, [builder.add(place, k)])
            for p, total in enumerate(sums):
                vectors.store(builder.load(total), builder.gep(into, [builder.mul(apart, number(p))]))
            return context.get_dummy_value()

        return types.void(x, *[INDEX] * 2, taps, *[INDEX] * 2, w, bias, INDEX, y, *[INDEX] * 2), emit

    return tile


def make_turned(rows):
    """turned(x, start, offsets, taps, t, g, j, dw): dw[t + r, c] += sum_i g[i, c] x[offsets[i] + taps[t + r] + c].

    offsets (pixels,): where each pixel begins in x, after `start`; g (pixels, C), dw (T, C)
    """

    @intrinsic
    def turned(typing, x, start, offsets, taps, t, g, j, dw):
        def emit(context, builder, signature, given):
            kinds, (start, t, j) = signature.args, (given[n] for n in (1, 4, 6))
            x, offsets, taps, g, dw = (Matrix(context, builder, kinds[n], given[n]) for n in (0, 2, 3, 5, 7))
            sums = Sums(context, builder, kinds[0].dtype, dw, t, rows, j, 1)
            sums.go_on()
            lanes = BYTES * 8 // kinds[0].dtype.bitwidth
            begin = builder.gep(x.data, [builder.add(start, builder.mul(j, number(lanes)))])
            met = [builder.gep(begin, [builder.load(taps.row(builder.add(t, number(r))))]) for r in range(rows)]
            with cgutils.for_range(builder, g.shape[0]) as pixel:
                at = builder.load(offsets.row(pixel.index))
                row = builder.gep(g.row(pixel.index), [sums.from_column])
                sums.add_vectors(row, [builder.gep(place, [at]) for place in met])
            sums.end()
            return context.get_dummy_value()

        return types.void(x, INDEX, offsets, taps, INDEX, g, INDEX, dw), emit

    return turned


several, some, one = (make_tile(pixels) for pixels in (PIXELS, SOME_PIXELS, 1))
by_three, by_three_apart = make_tile(PIXELS, 3), make_tile(PIXELS, 3, 2)
MANY, SOME = TAPS
many_turned, some_turned, one_turned = (make_turned(rows) for rows in (*TAPS, 1))
