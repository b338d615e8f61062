"""Tiles of products whose vectors are images: of few channels they waste nothing, since a pixel of 64 images is full.

    x (C, H, W, N) as so many numbers      places (K,): where what each tap meets lies in x, after a pixel's `start`

The tile of a forward pass has VECTORS vectors of images for some filters; that of a gradient of filters has a vector of
sums for each pair of some filters and some taps, and adds them up at the end.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..tile import BYTES, Matrix, Sums, number

VECTORS, FILTERS, TAPS = 4, 6, 4
INDEX = types.int64


def make_tile(rows):
    """tile(w, f, x, start, places, bias, y, j): y[f + r, j WIDTH + v] = bias[f + r] + sum_k w[f + r, k] x[k, v].

    w (O, K), y (O, pixels N), x[k, v]: the number start + places[k] + v of x
    """

    @intrinsic
    def tile(typing, w, f, x, start, places, bias, y, j):
        def emit(context, builder, signature, given):
            kinds, (f, start, j) = signature.args, (given[n] for n in (1, 3, 7))
            w, x, places, bias, y = (Matrix(context, builder, kinds[n], given[n]) for n in (0, 2, 4, 5, 6))
            sums = Sums(context, builder, kinds[0].dtype, y, f, rows, j, VECTORS)
            sums.begin_each([bias.row(builder.add(f, number(r))) for r in range(rows)])
            filters = [w.row(builder.add(f, number(r))) for r in range(rows)]
            with cgutils.for_range(builder, places.shape[0]) as tap:
                at = builder.add(start, builder.load(places.row(tap.index)))
                sums.add_row(builder.gep(x.data, [at]), [builder.gep(row, [tap.index]) for row in filters])
            sums.end()
            return context.get_dummy_value()

        return types.void(w, INDEX, x, INDEX, places, bias, y, INDEX), emit

    return tile


def make_dots(rows):
    """dots(g, f, x, step, places, k, length, dw): dw[f + r, k + t] = sum_ps g[f + r, p length + s] x[k + t, p, s].

    t < TAPS, s < length, a multiple of a vector; g (O, P length), dw (O, K)
    x[k, p, s]: the number p step + places[k] + s of x
    """

    @intrinsic
    def dots(typing, g, f, x, step, places, k, length, dw):
        def emit(context, builder, signature, given):
            kinds, (f, step, k, length) = signature.args, (given[n] for n in (1, 3, 5, 6))
            real = kinds[0].dtype
            g, x, places, dw = (Matrix(context, builder, kinds[n], given[n]) for n in (0, 2, 4, 7))
            size = real.bitwidth // 8
            lanes = BYTES // size
            kind = context.get_value_type(real)
            vector = ir.VectorType(kind, lanes)
            pairs = [(r, t) for r in range(rows) for t in range(TAPS)]
            sums = {pair: cgutils.alloca_once_value(builder, ir.Constant(vector, [0.0] * lanes)) for pair in pairs}
            for place in sums.values():
                builder.store(ir.Constant(vector, [0.0] * lanes), place)

            def load(pointer, at):
                value = builder.load(builder.bitcast(builder.gep(pointer, [at]), vector.as_pointer()))
                value.align = size
                return value

            filters = [g.row(builder.add(f, number(r))) for r in range(rows)]
            taps = [builder.gep(x.data, [builder.load(places.row(builder.add(k, number(t))))]) for t in range(TAPS)]
            with cgutils.for_range(builder, builder.sdiv(g.shape[1], length)) as pixels:
                from_g, from_x = builder.mul(pixels.index, length), builder.mul(pixels.index, step)
                with cgutils.for_range(builder, builder.sdiv(length, number(lanes))) as part:
                    s = builder.mul(part.index, number(lanes))
                    met = [load(tap, builder.add(from_x, s)) for tap in taps]
                    for r, row in enumerate(filters):
                        own = load(row, builder.add(from_g, s))
                        for t in range(TAPS):
                            product = builder.fmul(own, met[t], flags=("contract",))
                            total = builder.fadd(builder.load(sums[r, t]), product, flags=("contract",))
                            builder.store(total, sums[r, t])
            name = f"llvm.vector.reduce.fadd.v{lanes}f{real.bitwidth}"
            add = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind, vector]), name)
            for r, t in pairs:
                whole = builder.call(add, [ir.Constant(kind, -0.0), builder.load(sums[r, t])], fastmath=("reassoc",))
                place = dw.row(builder.add(f, number(r)))
                builder.store(whole, builder.gep(place, [builder.add(k, number(t))]))
            return context.get_dummy_value()

        return types.void(g, INDEX, x, INDEX, places, INDEX, INDEX, dw), emit

    return dots


some, one = make_tile(FILTERS), make_tile(1)
some_dots, one_dots = make_dots(FILTERS), make_dots(1)
