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
from numba.extending import intrinsic

from ...tile import BYTES, Matrix, number

INDEX = types.int64
TOGETHER = ("contract",)


class Side:
    """Where I x I or J x J vectors of some numbers lie: steps of rows and of columns."""

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
    """M times I vectors, for a builder of instructions."""

    def __init__(self, matrix):
        self.outputs, self.inputs = pairs(matrix), pairs(matrix.T)
        if self.outputs:
            self.inputs = []
        self.matrix = halves(halves(matrix, self.outputs).T, self.inputs).T

    def apply(self, builder, values):
        values = self._sums_and_differences(builder, values, self.inputs)
        found = [self._combine(builder, values, row) for row in self.matrix]
        return self._sums_and_differences(builder, found, self.outputs)

    def _sums_and_differences(self, builder, values, firsts):
        values = list(values)
        for i in firsts:
            one, other = values[i : i + 2]
            values[i : i + 2] = builder.fadd(one, other, flags=TOGETHER), builder.fsub(one, other, flags=TOGETHER)
        return values

    def _combine(self, builder, values, row):
        """The sum of row[k] values[k]; nothing is multiplied by 1."""
        total = None
        for factor, value in sorted(zip(row, values, strict=True), key=lambda term: term[0] != 1):
            if factor == 0:
                continue
            if factor != 1:
                value = builder.fmul(value, ir.Constant(value.type, [float(factor)] * value.type.count), flags=TOGETHER)
            total = value if total is None else builder.fadd(total, value, flags=TOGETHER)
        return total


def make_transform(matrix):
    """transform(source, start, row, column, into, at, into_row, into_column) of vectors that begin there."""
    steps = Transform(matrix)

    @intrinsic
    def transform(typing, source, start, row, column, into, at, into_row, into_column):
        def emit(context, builder, signature, given):
            _write(context, builder, signature, given[:4], given[4:], steps, None)
            return context.get_dummy_value()

        return types.void(source, INDEX, INDEX, INDEX, into, INDEX, INDEX, INDEX), emit

    return transform


def make_shifted(matrix):
    """shifted(source, start, row, column, into, at, into_row, into_column, bias, k): adds the vector bias[k:]."""
    steps = Transform(matrix)

    @intrinsic
    def shifted(typing, source, start, row, column, into, at, into_row, into_column, bias, k):
        def emit(context, builder, signature, given):
            data = Matrix(context, builder, signature.args[8], given[8]).data
            _write(context, builder, signature, given[:4], given[4:8], steps, builder.gep(data, [given[9]]))
            return context.get_dummy_value()

        return types.void(source, INDEX, INDEX, INDEX, into, INDEX, INDEX, INDEX, bias, INDEX), emit

    return shifted


def _write(context, builder, signature, source, into, steps, bias):
    """Of both sides: an array, where to begin, and steps of rows and of columns."""
    real = signature.args[0].dtype
    vector = ir.VectorType(context.get_value_type(real), BYTES * 8 // real.bitwidth)
    inputs, outputs = (
        Side(builder, vector, Matrix(context, builder, kind, side[0]).data, *side[1:])
        for kind, side in ((signature.args[0], source), (signature.args[4], into))
    )
    to, of = steps.matrix.shape
    columns = [steps.apply(builder, [inputs.load(r, c) for r in range(of)]) for c in range(of)]
    if bias is not None:
        bias = builder.load(builder.bitcast(bias, vector.as_pointer()))
        bias.align = real.bitwidth // 8
    for r in range(to):
        for c, value in enumerate(steps.apply(builder, [column[r] for column in columns])):
            outputs.store(value if bias is None else builder.fadd(value, bias), r, c)
