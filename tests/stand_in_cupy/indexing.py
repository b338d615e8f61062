"""Reading and writing by index: views cost nothing, integer arrays cost kernels, and masks make the host wait."""

import numpy as np

from . import machine
from .array import fresh, ndarray, operand, view_of
from .counts import note

SCAN = 2  # kernels of a prefix sum over a mask
PER_INDEX = 2  # kernels that bring an integer array among several into one


def getitem(x, index):
    """x[index]: a view for integers and slices, else a new array."""
    parts, masks, integers = _parts(x, index)
    host = x._host[tuple(parts)]
    if not masks and not integers:
        return view_of(x, host)
    machine.reach(x._pointer.device_id)
    _count_advanced("getitem", masks, integers)
    return fresh(host)


def setitem(x, index, value):
    """x[index] = value, of an array of the device or a scalar."""
    parts, masks, integers = _parts(x, index)
    machine.reach(x._pointer.device_id)
    if masks or integers:
        given = value._host if isinstance(value, ndarray) else _uploaded(value, x.dtype)
        _count_advanced("setitem", masks, integers)
        x._host[tuple(parts)] = given
        return
    target = x._host[tuple(parts)] if parts else x._host[()]
    target = target if isinstance(target, np.ndarray) else x._host[(*parts, ...)]
    if isinstance(value, ndarray):
        copy_into(target, value)
    else:
        fill(target, value)


def fill(target, value):
    """Every element of a view of the host's memory becomes one value: a memset for zeros, else a kernel."""
    if isinstance(value, np.ndarray):
        if value.shape:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        value = value.item()
    value = operand(value, "fill")
    value = value if not isinstance(value, np.ndarray) else value[()]
    zero = target.flags.c_contiguous and not np.any(value)
    note("launches", "memset" if zero else "fill", target.size > 0)
    with np.errstate(all="ignore"):
        target[...] = value


def copy_into(target, value):
    """Elements of the device to a view: a copy where both lie alike in C order, else a kernel; itself costs nothing."""
    source = operand(value, "copy")
    while source.ndim > target.ndim and source.shape[0] == 1:
        source = source[0]
    alike = source.shape == target.shape and source.strides == target.strides
    if alike and source.ctypes.data == target.ctypes.data:
        return
    if alike and source.dtype == target.dtype and target.flags.c_contiguous:
        note("copies", "device to device", target.size > 0)
    else:
        note("launches", "copy", target.size > 0)
    with np.errstate(all="ignore"):
        target[...] = source


def _uploaded(value, dtype):
    note("copies", "host to device")
    return np.asarray(value, dtype)


def _count_advanced(what, masks, integers):
    """A mask is scanned, and its number of True read; several integer arrays are brought into one."""
    for _ in range(masks):
        note("waits", "mask")
        note("copies", "device to host")
    several = integers + masks > 1
    note("launches", what, 1 + SCAN * masks + (PER_INDEX * integers if several else 0))


def _parts(x, index):
    """The index for NumPy, the number of masks, and of integer arrays in it. Integers wrap as CuPy's do."""
    parts, masks, integers = [], 0, 0
    axis = 0
    given = list(index) if isinstance(index, tuple) else [index]
    ranks = [_rank(part) for part in given]
    for part in given:
        if part is Ellipsis:
            axis += x.ndim - sum(ranks)
        elif isinstance(part, slice):
            _refuse_arrays(part)
            axis += 1
        elif part is not None and not _is_integer(part):
            part = _array_of(part)
            if part.dtype.kind == "b":
                masks += 1
                axis += part.ndim
            else:
                integers += 1
                part = _wrapped(part, x.shape[axis])
                axis += 1
        elif part is not None:
            axis += 1
        parts.append(part)
    return parts, masks, integers


def _rank(part):
    if part is None or part is Ellipsis:
        return 0
    mask = getattr(part, "dtype", None) == np.bool_ or isinstance(part, bool)
    return np.ndim(part) if mask and not isinstance(part, ndarray) else part.ndim if mask else 1


def _is_integer(part):
    return np.isscalar(part) and not isinstance(part, bool | np.bool_)


def _array_of(part):
    """An index that is an array, on the device; from the host it is copied."""
    if isinstance(part, ndarray):
        machine.reach(part._pointer.device_id)
        host = part._host
    else:
        host = np.asarray(part)
        note("copies", "host to device")
        host = host.astype(np.int32) if host.size == 0 and isinstance(part, list | tuple) else host
    if host.dtype.kind not in "biu":
        raise IndexError(f"arrays used as indices must be of integer or boolean type. (actual: {host.dtype.type})")
    return host


def _wrapped(host, size):
    return host % size if size else host


def _refuse_arrays(part):
    if any(isinstance(bound, ndarray) for bound in (part.start, part.stop, part.step)):
        raise TypeError("slice indices must be integers or None or have an __index__ method")


ndarray.__getitem__ = getitem
ndarray.__setitem__ = setitem
