"""Filters (M, K, taps) as a matrix for each tap, and back, square by square: see ../matmul/transpose.py."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..matmul.transpose import transposed
from ..tile import BYTES, number

INDEX, SMALL = types.int64, ir.IntType(32)


class Square:
    """Vectors of an array's numbers, and how a part of one is read and written."""

    def __init__(self, context, builder, kind, count):
        """count: the numbers of a part."""
        self.builder, self.size = builder, kind.dtype.bitwidth // 8
        self.lanes = BYTES // self.size
        self.vector = ir.VectorType(context.get_value_type(kind.dtype), self.lanes)
        index = ir.VectorType(ir.IntType(64), self.lanes)
        first = builder.insert_element(ir.Constant(index, ir.Undefined), count, number(0))
        every = builder.shuffle_vector(
            first, ir.Constant(index, ir.Undefined), ir.Constant(ir.VectorType(SMALL, self.lanes), None)
        )
        self.mask = builder.icmp_signed("<", ir.Constant(index, list(range(self.lanes))), every)
        self.name = f"v{self.lanes}f{kind.dtype.bitwidth}.p0"

    def load(self, place):
        """A whole vector."""
        value = self.builder.load(self._pointer(place))
        value.align = self.size
        return value

    def load_part(self, place):
        """The first numbers of a vector, and zeros."""
        return self._call("load", self.vector, [self._pointer(place), self._align(), self.mask, self._zeros()])

    def store(self, value, place):
        """A whole vector."""
        self.builder.store(value, self._pointer(place)).align = self.size

    def store_part(self, value, place):
        """The first numbers of a vector."""
        self._call("store", ir.VoidType(), [value, self._pointer(place), self._align(), self.mask])

    def _pointer(self, place):
        return self.builder.bitcast(place, self.vector.as_pointer())

    def _align(self):
        return ir.Constant(SMALL, self.size)

    def _zeros(self):
        return ir.Constant(self.vector, None)

    def _call(self, name, result, values):
        kind = ir.FunctionType(result, [value.type for value in values])
        function = cgutils.get_or_insert_function(self.builder.module, kind, f"llvm.masked.{name}.{self.name}")
        return self.builder.call(function, values)


class Places:
    """Where the numbers of an array lie."""

    def __init__(self, context, builder, kind, value, first):
        """first: the indices of the first one."""
        array = context.make_array(kind)(context, builder, value)
        self.builder, self.steps = builder, cgutils.unpack_tuple(builder, array.strides)
        self.first = array.data
        for i, step in zip(first, self.steps, strict=True):
            self.first = cgutils.pointer_add(builder, self.first, builder.mul(i, step))

    def at(self, i, dim):
        """The number that lies i further in a dimension."""
        return cgutils.pointer_add(self.builder, self.first, self.builder.mul(i, self.steps[dim]))


@intrinsic
def taps_apart(typing, w, m, k, t, count, into):
    """into[t + b, k, m + a] = w[m + a, k, t + b] for a < LANES, b < count, at most LANES."""

    def emit(context, builder, signature, given):
        w, m, k, t, count, into = given
        square = Square(context, builder, signature.args[0], count)
        source = Places(context, builder, signature.args[0], w, (m, k, t))
        places = Places(context, builder, signature.args[5], into, (t, k, m))
        rows = transposed(builder, [square.load_part(source.at(number(a), 0)) for a in range(square.lanes)])
        for b, row in enumerate(rows):
            with builder.if_then(builder.icmp_signed("<", number(b), count), likely=True):
                square.store(row, places.at(number(b), 0))
        return context.get_dummy_value()

    return types.void(w, INDEX, INDEX, INDEX, INDEX, into), emit


@intrinsic
def taps_together(typing, sums, t, m, k, count, w, first):
    """w[first + m, k + a, t + b] = sums[t + b, m, k + a] for a < LANES, b < count, at most LANES."""

    def emit(context, builder, signature, given):
        sums, t, m, k, count, w, first = given
        square = Square(context, builder, signature.args[0], count)
        source = Places(context, builder, signature.args[0], sums, (t, m, k))
        places = Places(context, builder, signature.args[5], w, (builder.add(first, m), k, t))
        last = builder.sub(count, number(1))
        rows = []
        for b in range(square.lanes):
            inside = builder.icmp_signed("<", number(b), count)
            rows.append(square.load(source.at(builder.select(inside, number(b), last), 0)))
        for a, row in enumerate(transposed(builder, rows)):
            square.store_part(row, places.at(number(a), 1))
        return context.get_dummy_value()

    return types.void(sums, INDEX, INDEX, INDEX, INDEX, w, INDEX), emit
