"""A square of numbers, as many as a vector holds in each row, transposed in registers.

In each stage pairs of rows s apart exchange those of their blocks of s numbers that lie on the wrong side of the
diagonal; s is half of a row, then a quarter, ..., then 1 (Eklundh, "A fast computer method for matrix transposing",
1972).
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..tile import BYTES, Matrix, number


@intrinsic
def transpose_square(typing, x, i, j, y, k, v):
    """y[k + c, v + r] = x[i + r, j + c] for all r and c below the numbers of a vector."""

    def emit(context, builder, signature, given):
        real = signature.args[0].dtype
        lanes = BYTES * 8 // real.bitwidth
        vector = ir.VectorType(context.get_value_type(real), lanes)
        x, y = (Matrix(context, builder, signature.args[n], given[n]) for n in (0, 3))
        i, j, k, v = (given[n] for n in (1, 2, 4, 5))

        def place(matrix, row, column, r):
            begin = builder.gep(matrix.row(builder.add(row, number(r))), [column])
            return builder.bitcast(begin, vector.as_pointer())

        def lanes_of(low, high, chosen):
            mask = ir.Constant(ir.VectorType(ir.IntType(32), lanes), chosen)
            return builder.shuffle_vector(low, high, mask)

        rows = [builder.load(place(x, i, j, r), align=real.bitwidth // 8) for r in range(lanes)]
        s = lanes // 2
        while s:
            for r in range(lanes):
                if not r & s:
                    low, high = rows[r], rows[r + s]
                    rows[r] = lanes_of(low, high, [c if not c & s else lanes + c - s for c in range(lanes)])
                    rows[r + s] = lanes_of(low, high, [c + s if not c & s else lanes + c for c in range(lanes)])
            s //= 2
        for r, row in enumerate(rows):
            builder.store(row, place(y, k, v, r), align=real.bitwidth // 8)
        return context.get_dummy_value()

    index = types.int64
    return types.void(x, index, index, y, index, index), emit
