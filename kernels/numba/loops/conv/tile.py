"""Tiles of products (see ../tile.py) with patches, which are read where they lie among the images.

    x: images as so many numbers      offsets (pixels,): where each pixel's patch begins in x, after `start`
    runs (R, 3): what a patch is made of: from where on after its beginning, how many numbers, and their first k

The patch of pixel i is the row a[i] of a matrix that is never written down: its number k = runs[t, 2] + s is
x[start + offsets[i] + runs[t, 0] + s], for s < runs[t, 1].
"""

from __future__ import annotations

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..tile import MOST, SOME, VECTORS, Matrix, Sums, number

INDEX = types.int64


def make_tile(rows, vectors=VECTORS):
    """tile(x, start, offsets, i, runs, panels, j, z): z[i + r, j WIDTH + v] = sum_k a[i + r, k] panels[j, k, v].

    panels (P, K or more, WIDTH), z (pixels, P WIDTH)
    """

    @intrinsic
    def tile(typing, x, start, offsets, i, runs, panels, j, z):
        def emit(context, builder, signature, given):
            kinds = signature.args
            x, offsets, runs, panels, z = (Matrix(context, builder, kinds[n], given[n]) for n in (0, 2, 4, 5, 7))
            start, i, j = given[1], given[3], given[6]
            sums = Sums(context, builder, kinds[0].dtype, z, i, rows, j, cgutils.false_bit, vectors)
            from_pixel = [
                builder.gep(x.data, [builder.add(start, builder.load(offsets.row(builder.add(i, number(r)))))])
                for r in range(rows)
            ]
            panel = panels.row(j)
            with cgutils.for_range(builder, runs.shape[0]) as run:
                at, count, k = (builder.load(builder.gep(runs.row(run.index), [number(n)])) for n in range(3))
                places = [builder.gep(place, [at]) for place in from_pixel]
                with cgutils.for_range(builder, count) as step:
                    factors = [builder.gep(place, [step.index]) for place in places]
                    sums.add(panel, builder.add(k, step.index), factors)
            sums.end()
            return context.get_dummy_value()

        return types.void(x, INDEX, offsets, INDEX, runs, panels, INDEX, z), emit

    return tile


def make_turned(rows, vectors=VECTORS):
    """turned(x, start, offsets, at, panels, j, dw, k): dw[k + r, j WIDTH + v] += sum_i a[i, k + r] panels[j, i, v].

    at: where the number k of a patch lies after its beginning, with those for the next rows behind it
    panels (P, pixels, WIDTH), dw (K, P WIDTH)
    """

    @intrinsic
    def turned(typing, x, start, offsets, at, panels, j, dw, k):
        def emit(context, builder, signature, given):
            kinds = signature.args
            x, offsets, panels, dw = (Matrix(context, builder, kinds[n], given[n]) for n in (0, 2, 4, 6))
            sums = Sums(context, builder, kinds[0].dtype, dw, given[7], rows, given[5], cgutils.true_bit, vectors)
            begin, panel = builder.gep(x.data, [builder.add(given[1], given[3])]), panels.row(given[5])
            with cgutils.for_range(builder, panels.shape[1]) as pixel:
                patch = builder.gep(begin, [builder.load(offsets.row(pixel.index))])
                sums.add(panel, pixel.index, [builder.gep(patch, [number(r)]) for r in range(rows)])
            sums.end()
            return context.get_dummy_value()

        return types.void(x, INDEX, offsets, INDEX, panels, INDEX, dw, INDEX), emit

    return turned


ROWS = MOST, SOME, 1
most, some, one = (make_tile(rows) for rows in ROWS)
most_narrow, some_narrow, one_narrow = (make_tile(rows, 1) for rows in ROWS)
most_turned, some_turned, one_turned = (make_turned(rows) for rows in ROWS)
most_narrow_turned, some_narrow_turned, one_narrow_turned = (make_turned(rows, 1) for rows in ROWS)
