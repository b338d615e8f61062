"""Memory that a loop needs while it runs: each thread's own, which stays in its cache from job to job.

It begins with a line of the cache: a vector that lies in two lines takes twice as long to read.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from .template import loop

LINE = 64  # bytes


@intrinsic
def room(typing, like, n):
    """So many numbers of the type of an array, of any value."""
    kind = types.Array(like.dtype, 1, "C")

    def emit(context, builder, signature, given):
        size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(kind.dtype)))
        line = ir.Constant(ir.IntType(32), LINE)
        memory = context.nrt.meminfo_alloc_aligned(builder, builder.mul(given[1], size), line)
        array = context.make_array(kind)(context, builder)
        data = builder.bitcast(context.nrt.meminfo_data(builder, memory), array.data.type)
        populate_array(array, data, [given[1]], [size], size, meminfo=memory)
        return array._getvalue()

    return kind(like, types.int64), emit


@loop
def room_of_rows(like, rows, columns):
    """The same as rows."""
    return room(like, rows * columns).reshape(rows, columns)
