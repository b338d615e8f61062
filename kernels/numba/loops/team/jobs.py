"""Arguments of a loop as a row of 64-bit numbers, by which another thread can call it.

    row     the job's address, the loop's address, the arguments

A job is a function that reads the arguments of a row and calls its loop: one for all loops of the same arguments. An
array is its address and its shape, with its strides where it may lie in any order; a float the bits of a float64.
Memory belongs to who calls, and waits.
"""

from __future__ import annotations

from types import FunctionType

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.sigutils import normalize_signature
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from ..template import ORDERED, Loop
from .memory import WORD
from .team import run

WIDTH = 64  # numbers in a row, at most


def size(kinds):
    """How many numbers these types of arguments take, with the addresses of job and loop."""
    arrays = [kind for kind in kinds if isinstance(kind, types.Array)]
    return 2 + len(kinds) + sum(kind.ndim * (1 if kind.layout == "C" else 2) for kind in arrays)


class Row:
    """The numbers of a row, one after the other."""

    def __init__(self, builder, address):
        self.builder, self.at = builder, builder.inttoptr(address, WORD.as_pointer())

    def write(self, value):
        """The next number: a pointer, an integer of any size or a float64."""
        builder, kind = self.builder, value.type
        if isinstance(kind, ir.PointerType):
            value = builder.ptrtoint(value, WORD)
        elif isinstance(kind, ir.DoubleType):
            value = builder.bitcast(value, WORD)
        elif kind.width < WORD.width:
            value = builder.zext(value, WORD)
        builder.store(value, self._next())

    def read(self, kind):
        """The next number as a value of an LLVM type."""
        builder, value = self.builder, self.builder.load(self._next())
        if isinstance(kind, ir.PointerType):
            return builder.inttoptr(value, kind)
        if isinstance(kind, ir.FloatType):
            return builder.fptrunc(builder.bitcast(value, ir.DoubleType()), kind)
        if isinstance(kind, ir.DoubleType):
            return builder.bitcast(value, kind)
        return builder.trunc(value, kind) if kind.width < WORD.width else value

    def _next(self):
        place, self.at = self.at, self.builder.gep(self.at, [ir.Constant(WORD, 1)])
        return place


def packing(parted, own):
    """The function that writes row i: of the first `parted` arguments, arrays, the part from low to high of the first
    dimension, of as many as `own` behind them number i of it, and the others as they are.
    """

    @intrinsic
    def pack(typing, arguments, address, i, low, high):
        def emit(context, builder, signature, given):
            row, (_, _, i, low, high) = Row(builder, given[1]), given
            for n, kind in enumerate(signature.args[0]):
                value = builder.extract_value(given[0], n)
                if not isinstance(kind, types.Array):
                    row.write(value)
                    continue
                array = context.make_array(kind)(context, builder, value)
                data, (length, *rest) = array.data, cgutils.unpack_tuple(builder, array.shape)
                if n < parted + own:
                    step = cgutils.unpack_tuple(builder, array.strides)[0]
                    data = cgutils.pointer_add(builder, data, builder.mul(low if n < parted else i, step))
                row.write(data)
                if not parted <= n < parted + own:
                    row.write(builder.sub(high, low) if n < parted else length)
                for number in rest:
                    row.write(number)
                if kind.layout != "C":
                    for step in cgutils.unpack_tuple(builder, array.strides):
                        row.write(step)
            return context.get_dummy_value()

        return types.void(arguments, types.int64, types.int64, types.int64, types.int64), emit

    return pack


def calling(kinds):
    """The address of a function that reads a row, the address of a loop and then its arguments of these types, and
    calls the loop with them."""

    @intrinsic
    def address(typing):
        def emit(context, builder, signature, given):
            kind = ir.FunctionType(ir.VoidType(), [WORD])
            made = ir.Function(builder.module, kind, builder.module.get_unique_name("job"))
            made.linkage = "internal"
            _call(context, ir.IRBuilder(made.append_basic_block()), made.args[0], kinds)
            return builder.ptrtoint(made, WORD)

        return types.int64(), emit

    return address


def _call(context, builder, address, kinds):
    """Calls what a row holds; 0 takes the loop's place there if it fails."""
    row, convention = Row(builder, address), context.call_conv
    place = row.at
    function = row.read(convention.get_function_type(types.none, kinds).as_pointer())
    values = [_read(context, builder, row, kind) for kind in kinds]
    status, _ = convention.call_function(builder, function, types.none, kinds, values)
    with builder.if_then(status.is_error, likely=False):
        builder.store(ir.Constant(WORD, 0), place)
    builder.ret_void()


def _read(context, builder, row, kind):
    """The next argument of a row."""
    if not isinstance(kind, types.Array):
        return row.read(context.get_value_type(kind))
    array = context.make_array(kind)(context, builder)
    data = row.read(array.data.type)
    shape = [row.read(WORD) for _ in range(kind.ndim)]
    size = ir.Constant(WORD, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    if kind.layout == "C":
        strides = [size]
        for length in shape[:0:-1]:
            strides.insert(0, builder.mul(strides[0], length))
    else:
        strides = [row.read(WORD) for _ in range(kind.ndim)]
    populate_array(array, data, shape, strides, size, meminfo=None)
    return array._getvalue()


def pack(arguments, address, i, low, high):
    """Stands for the function that writes arguments."""


def job():
    """Stands for the function that says where the job is."""


def _split(words, function, rows, table, arguments):
    n, count, first = arguments[0].shape[0], table.shape[0], table.ctypes.data
    for i in range(count):
        table[i, 0], table[i, 1] = job(), function
        low, high = i * rows, (i + 1) * rows
        pack(arguments, first + 8 * (i * WIDTH + 2), i, low, high if high < n else n)
    if words == 0:
        return 0
    run(words, first, count, 8 * WIDTH)
    failed = 0
    for i in range(count):
        failed += table[i, 1] == 0
    return failed


def split(name, signature, parted, own):
    """split(words, function, rows, table, arguments): has the team whose words lie there do a loop of this signature,
    whose function is at an address, for every so many rows of the first arguments, see `packing`. table (jobs, WIDTH)
    is written, and without words nothing else is done. The result is how many jobs found no memory."""
    kinds, _ = normalize_signature(signature)
    if size(kinds) > WIDTH:
        raise ValueError(f"{name} has more arguments than a row has numbers")
    names = {"run": run, "job": calling(kinds), "pack": packing(parted, own)}
    made = FunctionType(_split.__code__, {**_split.__globals__, **names}, name)
    made.__qualname__ = name
    return Loop(made, ORDERED)
