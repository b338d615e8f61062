"""Functions of CuPy that choose and join elements, in their own signatures."""

import numpy as np

from . import indexing
from .array import fresh, host_read, ndarray, operand
from .counts import note
from .routines import FUNCTION

JOINED_ONE_BY_ONE = 8  # arrays at most; more of one dtype are joined by one kernel, unless they are large
LARGE = 2 << 20  # bytes of an array, in the mean


def where(condition, x=None, y=None):
    """x where the condition holds, else y, by one kernel; without them the places, for which the host waits."""
    if x is None and y is None:
        return FUNCTION["nonzero"](condition)
    if x is None or y is None:
        raise ValueError("Must provide both 'x' and 'y' or neither.")
    chosen = operand(condition.astype("?", copy=False), "cupy.where")  # a number of Python has no astype
    hosts = [operand(value, "cupy.where") for value in (x, y)]
    note("launches", "where")
    return fresh(np.where(chosen, *hosts))


def take(a, indices, axis=None, out=None):
    """By one kernel; an index out of range wraps around."""
    host = operand(a, "cupy.take")
    if isinstance(indices, ndarray):
        chosen = operand(indices, "cupy.take")
    else:
        chosen = np.asarray(indices, dtype=int)
        note("copies", "host to device", not np.isscalar(indices))
    if host.size == 0 and chosen.size and (axis is None or host.shape[axis] == 0):
        raise IndexError("cannot do a non-empty take from an empty axes.")
    found = np.take(host, chosen, axis, mode="wrap")
    note("launches", "take", found.size > 0)
    if out is None:
        return fresh(found)
    operand(out, "cupy.take")[...] = found
    return out


def concatenate(tup, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """By a kernel for each array; many by one kernel, for which addresses (and strides) are copied to the device."""
    arrays = [x if isinstance(x, ndarray) else _refused(x) for x in tup]
    hosts = [operand(x, "cupy.concatenate") for x in arrays]
    found = np.concatenate(hosts, axis, dtype=dtype, casting=casting)
    alike = all(x.dtype == found.dtype for x in hosts) and found.nbytes < LARGE * len(hosts)
    if len(hosts) > JOINED_ONE_BY_ONE and alike:
        plain = all(x.flags.c_contiguous and x.shape == hosts[0].shape for x in hosts)
        note("copies", "host to device", 1 if plain else 3)
        note("launches", "concatenate")
    else:
        note("launches", "concatenate", sum(x.size > 0 for x in arrays))
    if out is None:
        return fresh(found)
    operand(out, "cupy.concatenate")[...] = found
    return out


def stack(tup, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """As concatenate."""
    parts = [FUNCTION["expand_dims"](x, axis) for x in tup]
    return concatenate(parts, axis, out, dtype=dtype, casting=casting)


def vstack(tup, *, dtype=None, casting="same_kind"):
    """As concatenate."""
    return concatenate([FUNCTION["atleast_2d"](x) for x in tup], 0, dtype=dtype, casting=casting)


def hstack(tup, *, dtype=None, casting="same_kind"):
    """As concatenate."""
    parts = [FUNCTION["atleast_1d"](x) for x in tup]
    return concatenate(parts, 0 if parts[0].ndim == 1 else 1, dtype=dtype, casting=casting)


def repeat(a, repeats, axis=None):
    """By a kernel for each part where their numbers differ; the host waits for numbers that lie on the device."""
    if isinstance(repeats, ndarray):
        repeats = host_read(repeats, "repeat")
    several = not np.isscalar(repeats) and len(repeats) > 1
    note("launches", "repeat", len(repeats) if several else 1)
    return fresh(np.repeat(operand(a, "cupy.repeat"), repeats, axis))


def copyto(dst, src, casting="same_kind", where=None):
    """By a copy or a kernel."""
    if where is not None:
        note("launches", "copyto")
        np.copyto(dst._host, operand(src, "cupy.copyto"), casting, where=operand(where, "cupy.copyto"))
    elif isinstance(src, ndarray):
        indexing.copy_into(dst._host, src)
    else:
        indexing.fill(dst._host, src)


def _refused(x):
    raise TypeError(f"Only cupy arrays can be concatenated, found {type(x)}")


FUNCTION |= {f.__name__: f for f in (where, take, concatenate, stack, vstack, hstack, repeat, copyto)}
FUNCTION["concat"] = concatenate
