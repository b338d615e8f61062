"""The products of Winograd's convolution: a matrix product for each of the a x a points, over tiles or over channels.

    sums[t, m] = sum_k v[t, k] panels[m, k]          filters[k, m] += sum_t v[t, k] d[t, m]

Rows may lie any steps apart: a tile has all its points side by side.
"""

from __future__ import annotations

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ...template import Each, loop
from ...tile import MOST, SOME, Matrix, Sums, make_tile, number, one, some

INDEX = types.int64
NARROW = Each(float32=16, float64=8)  # numbers of a vector
FEW = 8 if MOST == 12 else SOME  # rows of sums over tiles: what divides the numbers of a vector
most = make_tile(MOST)
most_narrow, some_narrow, one_narrow = (make_tile(rows, 1) for rows in (MOST, SOME, 1))


def make_turned(vectors):
    """turned(v, k, d, j, sums, more): sums[k + r, j WIDTH + m] += sum_t v[t, k + r] d[t, j WIDTH + m], r < FEW.

    Without `more` they begin with these sums.
    """

    @intrinsic
    def turned(typing, v, k, d, j, sums, more):
        def emit(context, builder, signature, given):
            v, d, into = (Matrix(context, builder, signature.args[n], given[n]) for n in (0, 2, 4))
            k, j = given[1], given[3]
            sums = Sums(context, builder, signature.args[0].dtype, into, k, FEW, j, vectors)
            sums.begin_with_zeros()
            with cgutils.for_range(builder, v.shape[0]) as tile:
                first = builder.gep(v.row(tile.index), [k])
                row = builder.gep(d.row(tile.index), [sums.from_column])
                sums.add_row(row, [builder.gep(first, [number(r)]) for r in range(FEW)])
            with builder.if_else(given[5]) as (goes_on, ends):
                with goes_on:
                    sums.end_adding()
                with ends:
                    sums.end()
            return context.get_dummy_value()

        return types.void(v, INDEX, d, INDEX, sums, types.boolean), emit

    return turned


few, few_narrow = make_turned(2), make_turned(1)


@loop
def multiply(v, panels, sums):
    """sums (T, P WIDTH) = v (T, K) panels (P, K, WIDTH); panels of one vector or of two."""
    n, narrow = v.shape[0], panels.shape[2] == NARROW
    for j in range(panels.shape[0]):
        i = 0
        while i + MOST <= n:
            if narrow:
                most_narrow(v, i, panels, j, sums, False)
            else:
                most(v, i, panels, j, sums, False)
            i += MOST
        while i + SOME <= n:
            if narrow:
                some_narrow(v, i, panels, j, sums, False)
            else:
                some(v, i, panels, j, sums, False)
            i += SOME
        while i < n:
            if narrow:
                one_narrow(v, i, panels, j, sums, False)
            else:
                one(v, i, panels, j, sums, False)
            i += 1


@loop
def add_products(v, d, sums, more):
    """sums (K, M) = v^T d, or more: += v^T d, for v (T, K), d (T, M); K and M are whole vectors."""
    wide = sums.shape[1] // (2 * NARROW)
    for k in range(0, sums.shape[0], FEW):
        for j in range(wide):
            few(v, k, d, j, sums, more)
        if 2 * NARROW * wide < sums.shape[1]:
            few_narrow(v, k, d, 2 * wide, sums, more)
