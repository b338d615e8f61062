"""The innermost part of a product of matrices, written as vectors: LLVM would not keep its sums in registers by itself.

    y[i + r, j WIDTH + v] = sum_k a[i + r, k] panels[j, k, v]        for r < rows, v < WIDTH

A panel holds WIDTH neighbouring columns of a matrix, two vectors of 64 bytes, so that each k reads what lies side by
side. For every k the two vectors are read once and serve all rows: `rows` numbers of a are spread over a vector each,
and 2 rows products are added to as many sums. 12 rows fill 24 of AVX-512's 32 registers. Where registers are smaller,
LLVM takes two or four for each vector, and 3 rows fill them.

The sums go through k in order, whatever the number of rows: no bit depends on how rows are cut.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..cache import processor

BYTES, VECTORS = 64, 2  # of a vector, and vectors of a panel's row
MOST, SOME = (12, 4) if "+avx512f" in processor() else (3, 2)


class Matrix:
    """A Numba array as LLVM sees it: steps of the first dimension, which may be any, and numbers side by side."""

    def __init__(self, context, builder, kind, value):
        self.builder, array = builder, context.make_array(kind)(context, builder, value)
        self.data, self.shape = array.data, cgutils.unpack_tuple(builder, array.shape)
        self.steps = cgutils.unpack_tuple(builder, array.strides)

    def row(self, i):
        """Where row i begins."""
        return cgutils.pointer_add(self.builder, self.data, self.builder.mul(i, self.steps[0]))


def make_tile(rows):
    """tile(a, i, panels, j, y, more) for so many rows; more: the sums begin with what y holds, not with 0.

    a (N, ...) has K or more numbers in each row, panels (P, K, WIDTH), y (N or more, P WIDTH).
    """

    @intrinsic
    def tile(typing, a, i, panels, j, y, more):
        real = panels.dtype
        size = real.bitwidth // 8
        lanes = BYTES // size
        index = types.int64

        def emit(context, builder, signature, given):
            a, panels, y = (Matrix(context, builder, signature.args[n], given[n]) for n in (0, 2, 4))
            i, j, more = given[1], given[3], given[5]
            vector = ir.VectorType(context.get_value_type(real), lanes)
            integer = ir.IntType(64)

            def place(pointer, n):
                """Where the vector n after a place lies."""
                return builder.gep(builder.bitcast(pointer, vector.as_pointer()), [ir.Constant(integer, n)])

            def load(pointer):
                value = builder.load(pointer)
                value.align = size
                return value

            def spread(value):
                """A number in all lanes."""
                nothing, first = ir.Constant(vector, ir.Undefined), ir.Constant(ir.IntType(32), 0)
                one = builder.insert_element(nothing, value, first)
                return builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(ir.IntType(32), lanes), None))

            at = [builder.add(i, ir.Constant(integer, r)) for r in range(rows)]
            from_column = builder.mul(j, ir.Constant(integer, VECTORS * lanes))
            outputs = [builder.gep(y.row(n), [from_column]) for n in at]
            sums = [[cgutils.alloca_once(builder, vector) for _ in range(VECTORS)] for _ in range(rows)]
            every = [(r, v) for r in range(rows) for v in range(VECTORS)]
            with builder.if_else(more) as (goes_on, begins):
                with goes_on:
                    for r, v in every:
                        builder.store(load(place(outputs[r], v)), sums[r][v])
                with begins:
                    for r, v in every:
                        builder.store(ir.Constant(vector, [0.0] * lanes), sums[r][v])
            factors, panel = [a.row(n) for n in at], panels.row(j)
            with cgutils.for_range(builder, panels.shape[1]) as step:
                from_row = builder.mul(step.index, ir.Constant(integer, VECTORS * lanes))
                columns = [load(place(builder.gep(panel, [from_row]), v)) for v in range(VECTORS)]
                for r in range(rows):
                    factor = spread(builder.load(builder.gep(factors[r], [step.index])))
                    for v in range(VECTORS):
                        product = builder.fmul(factor, columns[v], flags=("contract",))
                        more_sum = builder.fadd(builder.load(sums[r][v]), product, flags=("contract",))
                        builder.store(more_sum, sums[r][v])
            for r, v in every:
                builder.store(builder.load(sums[r][v]), place(outputs[r], v)).align = size
            return context.get_dummy_value()

        return types.void(a, index, panels, index, y, types.boolean), emit

    return tile


most, some, one = make_tile(MOST), make_tile(SOME), make_tile(1)
