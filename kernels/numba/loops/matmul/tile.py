"""The innermost part of a^T b (see ../tile.py): the numbers that are spread over the vectors lie side by side.

    y[i + r, j WIDTH + v] = sum_k a[k, i + r] panels[j, k, v]        for r < rows, v < WIDTH
"""

from __future__ import annotations

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..tile import MOST, SOME, Matrix, Sums, number


def make_tile_of_columns(rows):
    """tile(a, i, panels, j, y, more) for so many rows of y; more: the sums begin with what y holds, not with 0.

    a (K, N), panels (P, K, WIDTH), y (N or more, P WIDTH).
    """

    @intrinsic
    def tile(typing, a, i, panels, j, y, more):
        def emit(context, builder, signature, given):
            a, panels, y = (Matrix(context, builder, signature.args[n], given[n]) for n in (0, 2, 4))
            i, j = given[1], given[3]
            sums = Sums(context, builder, signature.args[2].dtype, y, i, rows, j)
            sums.begin(given[5])
            panel = panels.row(j)
            with cgutils.for_range(builder, panels.shape[1]) as step:
                factors = builder.gep(a.row(step.index), [i])
                sums.add(panel, step.index, [builder.gep(factors, [number(r)]) for r in range(rows)])
            sums.end()
            return context.get_dummy_value()

        return types.void(a, types.int64, panels, types.int64, y, types.boolean), emit

    return tile


most_of_columns, some_of_columns, one_of_columns = (make_tile_of_columns(rows) for rows in (MOST, SOME, 1))
