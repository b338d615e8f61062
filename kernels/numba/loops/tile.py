"""The innermost part of a product of matrices, written as vectors: LLVM would not keep its sums in registers by itself.

    y[i + r, j WIDTH + v] = sum_k a[i + r, k] panels[j, k, v]        for r < rows, v < WIDTH

A panel holds WIDTH neighbouring columns of a matrix, two vectors of 64 bytes, so that each k reads what lies side by
side. For every k the two vectors are read once and serve all rows: `rows` numbers of a are spread over a vector each,
and 2 rows products are added to as many sums. 12 rows fill 24 of AVX-512's 32 registers. Those of AVX2 are half as
long: LLVM takes two for each vector, and 2 rows fill 8 of 16 beside the panel's 4 (3 rows would need 17, and half the
time would go into moving them). Where a matrix has few columns, panels of one vector waste less.

The sums go through k in order, whatever the number of rows: no bit depends on how rows are cut.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..cache import processor

BYTES, VECTORS = 64, 2  # of a vector, and vectors of a panel's row
MOST, SOME = (12, 4) if "+avx512f" in processor() else (2, 1)
TALL = 8 if MOST == 12 else MOST  # rows of a tile where the sums are long: as fast as 12, and fewer rows are left over


class Matrix:
    """A Numba array as LLVM sees it: steps of the first dimension, which may be any, and numbers side by side."""

    def __init__(self, context, builder, kind, value):
        self.builder, array = builder, context.make_array(kind)(context, builder, value)
        self.data, self.shape = array.data, cgutils.unpack_tuple(builder, array.shape)
        self.steps = cgutils.unpack_tuple(builder, array.strides)

    def row(self, i):
        """Where row i begins."""
        return cgutils.pointer_add(self.builder, self.data, self.builder.mul(i, self.steps[0]))


class Sums:
    """The sums of a tile, some vectors for each of its rows, which LLVM keeps in registers."""

    def __init__(self, context, builder, real, y, i, rows, j, vectors=VECTORS):
        """For the rows from i on and the panel j of y."""
        size = real.bitwidth // 8
        self.builder, self.size, lanes = builder, size, BYTES // size
        self.vector = ir.VectorType(context.get_value_type(real), lanes)
        self.vectors, self.width = vectors, vectors * lanes
        self.from_column = builder.mul(j, number(self.width))
        self.outputs = [builder.gep(y.row(builder.add(i, number(r))), [self.from_column]) for r in range(rows)]
        self.sums = [[cgutils.alloca_once(builder, self.vector) for _ in range(vectors)] for _ in range(rows)]
        self.every = [(r, v) for r in range(rows) for v in range(vectors)]

    def begin(self, more):
        """Begins with what y holds if `more`, else with 0."""
        with self.builder.if_else(more) as (goes_on, begins):
            with goes_on:
                self.go_on()
            with begins:
                self.begin_with_zeros()

    def begin_with_zeros(self):
        for r, v in self.every:
            self.builder.store(ir.Constant(self.vector, [0.0] * self.vector.count), self.sums[r][v])

    def go_on(self):
        """Begins with what y holds."""
        for r, v in self.every:
            self.builder.store(self._load(self._place(self.outputs[r], v)), self.sums[r][v])

    def begin_with(self, row):
        """Begins with a row of numbers for all columns of y."""
        row = self.builder.gep(row, [self.from_column])
        for r, v in self.every:
            self.builder.store(self._load(self._place(row, v)), self.sums[r][v])

    def begin_each(self, places):
        """Begins with a number for all columns of each row; places: where these lie."""
        for r, v in self.every:
            self.builder.store(self._spread(self.builder.load(places[r])), self.sums[r][v])

    def add(self, panel, k, factors):
        """Adds the products of row k of a panel with the number of each row; factors: where these lie."""
        self.add_row(self.builder.gep(panel, [self.builder.mul(k, number(self.width))]), factors)

    def add_row(self, row, factors):
        """The same for a row that lies anywhere."""
        builder = self.builder
        columns = [self._load(self._place(row, v)) for v in range(self.vectors)]
        for place, sums in zip(factors, self.sums, strict=True):
            factor = self._spread(builder.load(place))
            for v in range(self.vectors):
                product = builder.fmul(factor, columns[v], flags=("contract",))
                builder.store(builder.fadd(builder.load(sums[v]), product, flags=("contract",)), sums[v])

    def add_vectors(self, row, places):
        """Adds the products, column by column, of a row and of each row's own; places: where these lie."""
        columns = [self._load(self._place(row, v)) for v in range(self.vectors)]
        for place, sums in zip(places, self.sums, strict=True):
            for v in range(self.vectors):
                product = self.builder.fmul(self._load(self._place(place, v)), columns[v], flags=("contract",))
                self.builder.store(self.builder.fadd(self.builder.load(sums[v]), product, flags=("contract",)), sums[v])

    def end(self):
        """Writes the sums to y."""
        for r, v in self.every:
            self.builder.store(self.builder.load(self.sums[r][v]), self._place(self.outputs[r], v)).align = self.size

    def end_adding(self):
        """Adds the sums to y, which is read now: where it comes from afar, all products are under way meanwhile."""
        for r, v in self.every:
            place = self._place(self.outputs[r], v)
            total = self.builder.fadd(self._load(place), self.builder.load(self.sums[r][v]))
            self.builder.store(total, place).align = self.size

    def _place(self, pointer, n):
        """Where the vector n after a place lies."""
        return self.builder.gep(self.builder.bitcast(pointer, self.vector.as_pointer()), [number(n)])

    def _load(self, pointer):
        value = self.builder.load(pointer)
        value.align = self.size
        return value

    def _spread(self, value):
        """A number in all lanes."""
        nothing, first = ir.Constant(self.vector, ir.Undefined), ir.Constant(ir.IntType(32), 0)
        one = self.builder.insert_element(nothing, value, first)
        return self.builder.shuffle_vector(
            one, nothing, ir.Constant(ir.VectorType(ir.IntType(32), self.vector.count), None)
        )


def number(n):
    """n as LLVM sees it."""
    return ir.Constant(ir.IntType(64), n)


def make_tile(rows, vectors=VECTORS):
    """tile(a, i, panels, j, y, more) for so many rows; more: the sums begin with what y holds, not with 0.

    a (N, ...) has K or more numbers in each row, panels (P, K, WIDTH), y (N or more, P WIDTH).
    """

    @intrinsic
    def tile(typing, a, i, panels, j, y, more):
        def emit(context, builder, signature, given):
            a, panels, y = (Matrix(context, builder, signature.args[n], given[n]) for n in (0, 2, 4))
            i, j = given[1], given[3]
            sums = Sums(context, builder, signature.args[2].dtype, y, i, rows, j, vectors)
            sums.begin(given[5])
            factors, panel = [a.row(builder.add(i, number(r))) for r in range(rows)], panels.row(j)
            with cgutils.for_range(builder, panels.shape[1]) as step:
                sums.add(panel, step.index, [builder.gep(factor, [step.index]) for factor in factors])
            sums.end()
            return context.get_dummy_value()

        return types.void(a, types.int64, panels, types.int64, y, types.boolean), emit

    return tile


def make_turned(rows):
    """turned(a, i, panels, y, more) for so many rows of y, which are columns of a.

    y[i + r, v] += sum_k a[k, i + r] panels[0, k, v] with `more`; else y is that sum. a (K, ...), panels (1, K, WIDTH)
    """

    @intrinsic
    def turned(typing, a, i, panels, y, more):
        def emit(context, builder, signature, given):
            a, panels, y = (Matrix(context, builder, signature.args[n], given[n]) for n in (0, 2, 3))
            i = given[1]
            sums = Sums(context, builder, signature.args[2].dtype, y, i, rows, number(0))
            sums.begin_with_zeros()
            with cgutils.for_range(builder, panels.shape[1]) as step:
                row = builder.gep(a.row(step.index), [i])
                sums.add(panels.data, step.index, [builder.gep(row, [number(r)]) for r in range(rows)])
            with builder.if_else(given[4]) as (goes_on, begins):
                with goes_on:
                    sums.end_adding()
                with begins:
                    sums.end()
            return context.get_dummy_value()

        return types.void(a, types.int64, panels, y, types.boolean), emit

    return turned


tall, some, one = make_tile(TALL), make_tile(SOME), make_tile(1)
tall_turned, some_turned, one_turned = make_turned(TALL), make_turned(SOME), make_turned(1)
