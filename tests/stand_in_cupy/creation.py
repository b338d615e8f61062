"""Functions of CuPy that make arrays, in their own signatures."""

import numpy as np

from . import memory
from .array import CUDA_DEVICE, device_dtype, fresh, host_read, ndarray
from .counts import note
from .indexing import fill


def empty(shape, dtype=float, order="C"):
    """Full of NaN or -1."""
    return ndarray(shape, dtype, order=order)


def zeros(shape, dtype=float, order="C"):
    """By a memset."""
    return _filled(empty(shape, dtype, order), 0)


def ones(shape, dtype=float, order="C"):
    """By a kernel."""
    return _filled(empty(shape, dtype, order), 1)


def full(shape, fill_value, dtype=None, order="C"):
    """By a kernel; the value may be an array."""
    if dtype is None:
        dtype = fill_value.dtype if isinstance(fill_value, ndarray) else np.array(fill_value).dtype
    return _filled(empty(shape, dtype, order), fill_value)


def empty_like(prototype, dtype=None, order="K", subok=None, shape=None):
    """In the prototype's order of memory."""
    kind = prototype.dtype if dtype is None else dtype
    if shape is not None:
        return empty(shape, kind)
    made = empty(prototype.shape, kind)
    host = prototype._host
    if order in "KA" and not host.flags.c_contiguous:
        strides = np.empty_like(host[...], dtype=made.dtype, order=order, subok=False).strides
        return view_as_made(made, strides)
    return empty(prototype.shape, kind, "F") if order == "F" else made


def view_as_made(made, strides):
    """A fresh array with other strides over all of its memory."""
    made._host = np.lib.stride_tricks.as_strided(made._host, made.shape, strides)
    return made


def zeros_like(a, dtype=None, order="K", subok=None, shape=None):
    """By a memset."""
    made = empty_like(a, dtype, order, None, shape)
    note("launches", "memset", made.size > 0)
    made._host[...] = 0
    return made


def ones_like(a, dtype=None, order="K", subok=None, shape=None):
    """By a kernel."""
    return _filled(empty_like(a, dtype, order, None, shape), 1)


def full_like(a, fill_value, dtype=None, order="K", subok=None, shape=None):
    """By a kernel."""
    return _filled(empty_like(a, dtype, order, None, shape), fill_value)


def _filled(made, value):
    fill(made._host, value)
    return made


def arange(start, stop=None, step=1, dtype=None):
    """By a kernel; its bounds are numbers of the host."""
    bounds = (start,) if stop is None else (start, stop)
    if any(isinstance(bound, ndarray) for bound in (*bounds, step)):
        raise TypeError("arange takes numbers of the host here")
    start, stop = (0, start) if stop is None else (start, stop)
    made = np.arange(start, stop, step, dtype)
    note("launches", "arange", made.size > 0)
    return fresh(made)


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    """By one kernel from numbers; arrays take more, and make the host wait to see whether the step is 0."""
    hosts = [bound._host if isinstance(bound, ndarray) else bound for bound in (start, stop)]
    arrays = any(isinstance(bound, ndarray) for bound in (start, stop))
    if arrays:
        note("waits", "linspace")
    note("launches", "linspace", 8 if arrays else 1)
    made = np.linspace(*hosts, num, endpoint, retstep, dtype, axis)
    return (fresh(made[0]), made[1]) if retstep else fresh(made)


def eye(N, M=None, k=0, dtype=float, order="C"):
    """A memset, and a kernel on the diagonal."""
    made = zeros((N, N if M is None else M), dtype, order)
    note("launches", "fill", made.size > 0)
    made._host[...] = np.eye(N, M, k, dtype)
    return made


def tri(N, M=None, k=0, dtype=None):
    """By a kernel."""
    note("launches", "tri")
    return fresh(np.tri(N, M, k, float if dtype is None else dtype))


def array(obj, dtype=None, copy=True, order="K", subok=False, ndmin=0, *, blocking=False):
    """A copy of an array of the device, of the host, or of numbers in lists. Lists of device arrays are stacked."""
    if isinstance(obj, ndarray):
        kind = obj.dtype if dtype is None else np.dtype(dtype)
        if not copy and kind == obj.dtype:
            return obj
        return obj.astype(kind, order="K" if order is None else order)
    if isinstance(obj, list | tuple) and obj and all(isinstance(part, ndarray) for part in obj):
        from .routines import FUNCTION

        return FUNCTION["stack"](obj).astype(obj[0].dtype if dtype is None else dtype, copy=False)
    host = np.array(_numbers(obj), dtype=dtype, order="C" if order is None else order, ndmin=ndmin)
    device_dtype(host.dtype)
    note("copies", "host to device", host.size > 0)
    made = empty(host.shape, host.dtype, "F" if host.flags.f_contiguous and not host.flags.c_contiguous else "C")
    made._host[...] = host
    return made


def _numbers(obj):
    """Arrays of the device deep inside lists are read one by one."""
    if isinstance(obj, ndarray):
        return host_read(obj, "array of arrays")
    return [_numbers(part) for part in obj] if isinstance(obj, list | tuple) else obj


def asarray(a, dtype=None, order=None, *, copy=None, blocking=False):
    """The array itself where nothing has to change."""
    if isinstance(a, ndarray) and not copy and (dtype is None or np.dtype(dtype) == a.dtype):
        return a
    return array(a, dtype, copy is not False, "K" if order is None else order, blocking=blocking)


def ascontiguousarray(a, dtype=None):
    """In C order: itself, or a copy."""
    made = asarray(a, dtype)
    return made if made._host.flags.c_contiguous else made.copy()


def asnumpy(a, stream=None, order="C", out=None, *, blocking=True):
    """The values on the host, which waits for the device."""
    return a.get(stream, order, out) if isinstance(a, ndarray) else np.asarray(a, order=order)


def from_dlpack(array, *, device=None, copy=None):
    """Memory of a card that something else has made."""
    kind, number = array.__dlpack_device__()
    if kind != CUDA_DEVICE:
        raise RuntimeError("Unsupported device type: CuPy takes memory of a CUDA device")
    host = np.from_dlpack(_AsHost(array))
    made = ndarray.__new__(ndarray)
    made._host, made._base = host, None
    made._pointer = memory.MemoryPointer(memory.Unowned(host, number), 0)
    return made


class _AsHost:
    """What NumPy takes for memory of the host, in which the stand-in's lies."""

    def __init__(self, array):
        self.array = array

    def __dlpack_device__(self):
        return 1, 0

    def __dlpack__(self, **asked):
        return self.array.__dlpack__(max_version=(1, 0))
