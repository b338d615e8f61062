"""Memory that threads share, by address: numbers of 64 bits that are read and written as a whole, and in order."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

WORD = ir.IntType(64)


def _place(builder, address):
    return builder.inttoptr(address, WORD.as_pointer())


@intrinsic
def load(typing, address):
    """What stands there, and all that was written before it."""

    def emit(context, builder, signature, given):
        return builder.load_atomic(_place(builder, given[0]), ordering="acquire", align=8)

    return types.int64(types.int64), emit


@intrinsic
def store(typing, address, value):
    """Writes a number, after all that was written before."""

    def emit(context, builder, signature, given):
        builder.store_atomic(given[1], _place(builder, given[0]), ordering="release", align=8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), emit


@intrinsic
def fetch_add(typing, address, value):
    """Adds to a number, and returns what it was: no other thread comes between."""

    def emit(context, builder, signature, given):
        return builder.atomic_rmw("add", _place(builder, given[0]), given[1], "seq_cst")

    return types.int64(types.int64, types.int64), emit


@intrinsic
def call(typing, function, row):
    """Calls the function of one number at that address."""

    def emit(context, builder, signature, given):
        kind = ir.FunctionType(ir.VoidType(), [WORD])
        builder.call(builder.inttoptr(given[0], kind.as_pointer()), [given[1]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), emit


@intrinsic
def pause(typing):
    """Lets the other thread of the core go first for a moment, where the processor knows how."""

    def emit(context, builder, signature, given):
        if builder.module.triple.startswith(("x86_64", "i386", "i686")):
            nothing = ir.FunctionType(ir.VoidType(), [])
            builder.call(builder.module.declare_intrinsic("llvm.x86.sse2.pause", (), nothing), [])
        return context.get_dummy_value()

    return types.void(), emit
