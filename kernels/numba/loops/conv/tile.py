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
    """tile(x, start, offsets, i, runs, panels, bias, j, z, places) for so many rows.

    z[places[i + r] + j WIDTH + v] = bias[j WIDTH + v] + sum_k a[i + r, k] panels[j, k, v]

    panels (P, K or more, WIDTH), bias (P WIDTH,), z: so many numbers
    """

    @intrinsic
    def tile(typing, x, start, offsets, i, runs, panels, bias, j, z, places):
        def emit(context, builder, signature, given):
            kinds, (start, i, j) = signature.args, (given[n] for n in (1, 3, 7))
            x, offsets, runs, panels, bias, z, into = (
                Matrix(context, builder, kinds[n], given[n]) for n in (0, 2, 4, 5, 6, 8, 9)
            )
            sums = Sums(context, builder, kinds[0].dtype, z, i, rows, j, vectors)
            sums.begin_with(bias.data)
            pixels, outputs = (
                [builder.load(table.row(builder.add(i, number(r)))) for r in range(rows)] for table in (offsets, into)
            )
            sums.outputs = [builder.gep(z.data, [builder.add(n, sums.from_column)]) for n in outputs]
            from_pixel, panel = [builder.gep(x.data, [builder.add(start, n)]) for n in pixels], panels.row(j)
            with cgutils.for_range(builder, runs.shape[0]) as run:
                at, count, k = (builder.load(builder.gep(runs.row(run.index), [number(n)])) for n in range(3))
                places = [builder.gep(place, [at]) for place in from_pixel]
                with cgutils.for_range(builder, count) as step:
                    factors = [builder.gep(place, [step.index]) for place in places]
                    sums.add(panel, builder.add(k, step.index), factors)
            sums.end()
            return context.get_dummy_value()

        return types.void(x, INDEX, offsets, INDEX, runs, panels, bias, INDEX, z, places), emit

    return tile


def make_turned(rows, vectors=VECTORS):
    """turned(x, start, offsets, at, panels, j, dw, k): dw[k + r, j WIDTH + v] += sum_i a[i, k + r] panels[j, i, v].

    at: where the number k of a patch lies after its beginning, with those for the next rows behind it
    panels (P, pixels, WIDTH), dw (K or more, P WIDTH)
    """

    @intrinsic
    def turned(typing, x, start, offsets, at, panels, j, dw, k):
        def emit(context, builder, signature, given):
            kinds, (start, at, j, k) = signature.args, (given[n] for n in (1, 3, 5, 7))
            x, offsets, panels, dw = (Matrix(context, builder, kinds[n], given[n]) for n in (0, 2, 4, 6))
            sums = Sums(context, builder, kinds[0].dtype, dw, k, rows, j, vectors)
            sums.go_on()
            begin, panel = builder.gep(x.data, [builder.add(start, at)]), panels.row(j)
            with cgutils.for_range(builder, panels.shape[1]) as pixel:
                patch = builder.gep(begin, [builder.load(offsets.row(pixel.index))])
                sums.add(panel, pixel.index, [builder.gep(patch, [number(r)]) for r in range(rows)])
            sums.end()
            return context.get_dummy_value()

        return types.void(x, INDEX, offsets, INDEX, panels, INDEX, dw, INDEX), emit

    return turned


most, some, one = (make_tile(rows) for rows in (MOST, SOME, 1))
most_narrow, some_narrow, one_narrow = (make_tile(rows, 1) for rows in (MOST, SOME, 1))
most_turned, some_turned = (make_turned(rows) for rows in (MOST, SOME))
most_narrow_turned, some_narrow_turned = (make_turned(rows, 1) for rows in (MOST, SOME))
