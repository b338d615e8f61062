"""The transforms of Winograd's convolution, written as vectors of channels from their matrices.

    to = M from M^T      from (I, I) and to (J, J) vectors, M (J, I): first along columns, then along rows

All points but 0 and infinity come in pairs p and -p. In the polynomials of both, even powers are the same and odd ones
have the other sign. So where two neighbouring rows (or columns) of M differ by signs alone, half of their sum and half
of their difference are multiplied in their place: each has zeros where the other one has none, which halves the work.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ...tile import BYTES, Matrix, number

INDEX, INTEGER = types.int64, ir.IntType(64)
TOGETHER = ("contract",)


class Side:
    """Where I x I or J x J vectors lie: in an array from `start` on, with steps of rows and of columns."""

    def __init__(self, builder, vector, data, start, row, column):
        self.builder, self.vector, self.row, self.column = builder, vector, row, column
        self.first, self.size = builder.gep(data, [start]), BYTES // vector.count

    def place(self, r, c):
        """Of the vector in row r and column c."""
        rows, columns = (self.builder.mul(step, number(n)) for step, n in ((self.row, r), (self.column, c)))
        return self.builder.bitcast(
            self.builder.gep(self.first, [self.builder.add(rows, columns)]), self.vector.as_pointer()
        )

    def load(self, r, c):
        value = self.builder.load(self.place(r, c))
        value.align = self.size
        return value

    def store(self, value, r, c):
        self.builder.store(value, self.place(r, c)).align = self.size


class Window(Side):
    """A side of which only a part is there: zeros are read in place of the rest, and nothing is written.

    part: the first row and the one behind the last, the same of columns, and how many numbers vectors have at most
    """

    def __init__(self, builder, vector, data, start, row, column, part):
        super().__init__(builder, vector, data, start, row, column)
        *self.part, most = part
        index = ir.VectorType(INTEGER, vector.count)
        first = builder.insert_element(ir.Constant(index, ir.Undefined), most, number(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None)
        every = builder.shuffle_vector(first, ir.Constant(index, ir.Undefined), zeros)
        self.lanes = builder.icmp_signed("<", ir.Constant(index, list(range(vector.count))), every)
        self.none = ir.Constant(self.lanes.type, None)
        self.kind = f"v{vector.count}f{BYTES // vector.count * 8}.p0"

    def mask(self, r, c):
        """Which numbers of a vector are there."""
        builder, (top, bottom, left, right) = self.builder, self.part
        tests = [
            builder.icmp_signed(*test)
            for test in (
                ("<=", top, number(r)),
                (">", bottom, number(r)),
                ("<=", left, number(c)),
                (">", right, number(c)),
            )
        ]
        inside = builder.and_(builder.and_(tests[0], tests[1]), builder.and_(tests[2], tests[3]))
        return builder.select(inside, self.lanes, self.none)

    def _call(self, name, result, values):
        kind = ir.FunctionType(result, [value.type for value in values])
        function = cgutils.get_or_insert_function(self.builder.module, kind, f"llvm.masked.{name}.{self.kind}")
        return self.builder.call(function, values)

    def load(self, r, c):
        align = ir.Constant(ir.IntType(32), self.size)
        values = [self.place(r, c), align, self.mask(r, c), ir.Constant(self.vector, None)]
        return self._call("load", self.vector, values)

    def store(self, value, r, c):
        align = ir.Constant(ir.IntType(32), self.size)
        self._call("store", ir.VoidType(), [value, self.place(r, c), align, self.mask(r, c)])


def pairs(matrix):
    """The first of any two neighbouring rows that have the same numbers but for signs, and not the same everywhere."""
    found, i = [], 0
    while i + 1 < len(matrix):
        same = np.array_equal(abs(matrix[i]), abs(matrix[i + 1]))
        found += [i] * same
        i += 1 + same
    return found


def halves(matrix, firsts):
    """The matrix with half of the sum and half of the difference of two rows in their place."""
    matrix = matrix.copy()
    for i in firsts:
        matrix[i], matrix[i + 1] = (matrix[i] + matrix[i + 1]) / 2, (matrix[i] - matrix[i + 1]) / 2
    return matrix


class Transform:
    """M times I vectors, for a builder of instructions.

    groups: rows of the result that share their work, so that what they need at a time fits in registers
    """

    def __init__(self, matrix):
        self.outputs, self.inputs = pairs(matrix), pairs(matrix.T)
        if self.outputs:
            self.inputs = []
        self.matrix = halves(halves(matrix, self.outputs).T, self.inputs).T
        paired = {i + n for i in self.outputs for n in range(2)}
        rest = [i for i in range(len(matrix)) if i not in paired]
        self.groups = [rest, *([i, i + 1] for i in self.outputs)]

    def needs(self, group):
        """Which inputs have a part in these rows; all where sums and differences of inputs are shared."""
        return range(self.matrix.shape[1]) if self.inputs else np.flatnonzero(self.matrix[group].any(axis=0)).tolist()

    def apply(self, builder, values, group):
        """These rows of the result; values: of the inputs that they need, by their numbers."""
        values = dict(values)
        for i in self.inputs:
            values[i], values[i + 1] = self._sum_and_difference(builder, values[i], values[i + 1])
        found = [self._combine(builder, values, self.matrix[i]) for i in group]
        return self._sum_and_difference(builder, *found) if group[0] in self.outputs else found

    def all_rows(self, builder, values):
        """The whole result."""
        values, found = dict(enumerate(values)), {}
        for group in self.groups:
            found.update(zip(group, self.apply(builder, values, group), strict=True))
        return [found[i] for i in range(len(found))]

    def _sum_and_difference(self, builder, one, other):
        return [builder.fadd(one, other, flags=TOGETHER), builder.fsub(one, other, flags=TOGETHER)]

    def _combine(self, builder, values, row):
        """The sum of row[k] values[k]; nothing is multiplied by 1."""
        total = None
        for k in sorted(np.flatnonzero(row).tolist(), key=lambda k: row[k] != 1):
            value = values[k]
            if row[k] != 1:
                value = builder.fmul(value, ir.Constant(value.type, [float(row[k])] * value.type.count), flags=TOGETHER)
            total = value if total is None else builder.fadd(total, value, flags=TOGETHER)
        return total


def make_transform(matrix):
    """transform(source, start, row, column, into, at, into_row, into_column) of vectors that begin there."""
    steps = Transform(matrix)

    @intrinsic
    def transform(typing, source, start, row, column, into, at, into_row, into_column):
        def emit(context, builder, signature, given):
            inputs = _side(context, builder, signature.args[0], given[:4])
            _write(steps, inputs, _side(context, builder, signature.args[4], given[4:]))
            return context.get_dummy_value()

        return types.void(source, INDEX, INDEX, INDEX, into, INDEX, INDEX, INDEX), emit

    return transform


def make_partial(matrix):
    """The same of a part of the source's rows and columns: partial(..., top, bottom, left, right, most)."""
    steps = Transform(matrix)

    @intrinsic
    def partial(typing, source, start, row, column, into, at, into_row, into_column, top, bottom, left, right, most):
        def emit(context, builder, signature, given):
            inputs = _side(context, builder, signature.args[0], given[:4], given[8:])
            _write(steps, inputs, _side(context, builder, signature.args[4], given[4:8]))
            return context.get_dummy_value()

        return types.void(source, *[INDEX] * 3, into, *[INDEX] * 8), emit

    return partial


def make_shifted(matrix):
    """shifted(source, start, row, column, into, at, into_row, into_column, bias, k): adds the vector bias[k:]."""
    steps = Transform(matrix)

    @intrinsic
    def shifted(typing, source, start, row, column, into, at, into_row, into_column, bias, k):
        def emit(context, builder, signature, given):
            inputs = _side(context, builder, signature.args[0], given[:4])
            outputs = _side(context, builder, signature.args[4], given[4:8])
            zero = number(0)
            _write(steps, inputs, outputs, _side(context, builder, signature.args[8], [*given[8:], zero, zero]))
            return context.get_dummy_value()

        return types.void(source, *[INDEX] * 3, into, *[INDEX] * 3, bias, INDEX), emit

    return shifted


def make_shifted_partial(matrix):
    """The same for a part of the rows and columns of into: shifted(..., top, bottom, left, right, most)."""
    steps = Transform(matrix)

    @intrinsic
    def shifted(
        typing, source, start, row, column, into, at, into_row, into_column, bias, k, top, bottom, left, right, most
    ):
        def emit(context, builder, signature, given):
            inputs = _side(context, builder, signature.args[0], given[:4])
            outputs = _side(context, builder, signature.args[4], given[4:8], given[10:])
            zero = number(0)
            _write(steps, inputs, outputs, _side(context, builder, signature.args[8], [*given[8:10], zero, zero]))
            return context.get_dummy_value()

        return types.void(source, *[INDEX] * 3, into, *[INDEX] * 3, bias, *[INDEX] * 6), emit

    return shifted


def _side(context, builder, kind, given, part=None):
    """The array of a kind, and where its vectors lie; part: how much of it is there, if not all."""
    real = context.get_value_type(kind.dtype)
    vector = ir.VectorType(real, BYTES * 8 // kind.dtype.bitwidth)
    places = Matrix(context, builder, kind, given[0]).data, *given[1:]
    return Side(builder, vector, *places) if part is None else Window(builder, vector, *places, part)


def _write(steps, inputs, outputs, bias=None):
    """The transform of all vectors of a side to another one; bias: a vector that is added to each, at its beginning.

    Each group of rows reads its inputs anew, which takes less time than to keep them all would.
    """
    builder, columns = inputs.builder, range(steps.matrix.shape[1])
    more = None if bias is None else bias.load(0, 0)
    for group in steps.groups:
        needed = steps.needs(group)
        along = [steps.apply(builder, {r: inputs.load(r, c) for r in needed}, group) for c in columns]
        for n, r in enumerate(group):
            for c, value in enumerate(steps.all_rows(builder, [column[n] for column in along])):
                outputs.store(value if more is None else builder.fadd(value, more), r, c)
