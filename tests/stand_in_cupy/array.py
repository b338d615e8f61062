"""The array class: a view of device memory, with CuPy's attributes and refusals and none of NumPy's leniency."""

import numpy as np

from . import machine, memory
from .counts import note

PEEK = "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array explicitly."
KINDS = "?bBhHiIlLqQefdFD"  # CuPy's dtypes, by their letters
CUDA_DEVICE = 2  # DLPack's kDLCUDA


def device_dtype(dtype):
    """The dtype, refused as CuPy refuses those that no kernel knows."""
    found = np.dtype(dtype)
    if found.char not in KINDS:
        raise ValueError(f"Unsupported dtype {found}")
    return found


class Flags:
    """The three flags that CuPy's arrays have."""

    def __init__(self, host, owned):
        self.c_contiguous, self.f_contiguous = host.flags.c_contiguous, host.flags.f_contiguous
        self.owndata = owned

    def __getitem__(self, name):
        return {"C_CONTIGUOUS": self.c_contiguous, "F_CONTIGUOUS": self.f_contiguous, "OWNDATA": self.owndata}[name]


class ndarray:
    """An array on a card. The values lie in `_host`, which only this package may look at."""

    __slots__ = ("__weakref__", "_base", "_host", "_pointer")
    __module__ = "cupy"
    __array_priority__ = 100
    __hash__ = None

    def __init__(self, shape, dtype=float, memptr=None, strides=None, order="C"):
        dtype = device_dtype(dtype)
        shape = (int(shape),) if np.isscalar(shape) else tuple(int(size) for size in shape)
        if min(shape, default=0) < 0:
            raise ValueError("Negative dimensions are not allowed")
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        self._base = self._pointer = None
        self._pointer = memory.alloc(size) if memptr is None else memptr
        start = self._pointer.offset
        self._host = np.ndarray(shape, dtype, self._pointer.mem.bytes[start:], 0, strides, order or "C")

    @property
    def shape(self):
        """As NumPy's."""
        return self._host.shape

    @shape.setter
    def shape(self, shape):
        view = self._host.view()
        view.shape = shape
        self._host = view

    dtype = property(lambda self: self._host.dtype, doc="As NumPy's.")
    ndim = property(lambda self: self._host.ndim, doc="As NumPy's.")
    size = property(lambda self: self._host.size, doc="As NumPy's.")
    nbytes = property(lambda self: self._host.nbytes, doc="As NumPy's.")
    itemsize = property(lambda self: self._host.itemsize, doc="As NumPy's.")
    strides = property(lambda self: self._host.strides, doc="As NumPy's.")
    base = property(lambda self: self._base, doc="The array that this one is a view of, or None.")
    _c_contiguous = property(lambda self: self._host.flags.c_contiguous, doc="Whether it is in C order.")
    _f_contiguous = property(lambda self: self._host.flags.f_contiguous, doc="Whether it is in Fortran order.")
    T = property(lambda self: view_of(self, self._host.T), doc="As NumPy's.")
    mT = property(lambda self: view_of(self, self._host.mT), doc="As NumPy's.")

    @property
    def flags(self):
        """C and Fortran order, and whether the memory is its own."""
        return Flags(self._host, self._base is None)

    @property
    def data(self):
        """Where it begins; None while it is being made."""
        if self._pointer is None:
            return None
        allocation = self._pointer.mem
        return memory.MemoryPointer(allocation, self._host.ctypes.data - allocation.ptr if allocation.ptr else 0)

    @property
    def device(self):
        """The card."""
        return self._pointer.device

    @property
    def __cuda_array_interface__(self):
        return {
            "shape": self.shape,
            "typestr": self.dtype.str,
            "descr": self.dtype.descr,
            "version": 3,
            "strides": None if self._host.flags.c_contiguous else self.strides,
            "data": (self.data.ptr, False),
            "stream": 1,
        }

    def __array__(self, dtype=None, copy=None):
        raise TypeError(PEEK)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        """A NumPy ufunc goes to CuPy's of that name, if it is called plainly."""
        import cupy

        if method != "__call__" or not isinstance(getattr(cupy, ufunc.__name__, None), cupy.ufunc):
            return NotImplemented
        return getattr(cupy, ufunc.__name__)(*inputs, **kwargs)

    def __array_function__(self, function, types, args, kwargs):
        raise TypeError(f"NumPy's function {function.__name__} was called with an array of CuPy")

    def __array_namespace__(self, *, api_version=None):
        import cupy

        return cupy

    def __len__(self):
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self):
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def get(self, stream=None, order="C", out=None, blocking=True):
        """The values on the host, which waits for the device."""
        found = np.array(host_read(self, "get"), order="C" if order == "A" else order)
        if out is None:
            return found
        out[...] = found
        return out

    def item(self, *args):
        """One value on the host, which waits for the device."""
        return host_read(self, "item").item(*args)

    def tolist(self):
        """The values on the host, which waits for the device."""
        return host_read(self, "tolist").tolist()

    def set(self, arr, stream=None):
        """Copies an array of the host."""
        note("copies", "host to device")
        self._host[...] = arr

    def __bool__(self):
        return bool(host_read(self, "bool"))

    def __int__(self):
        return int(host_read(self, "int"))

    def __float__(self):
        return float(host_read(self, "float"))

    def __complex__(self):
        return complex(host_read(self, "complex"))

    def __repr__(self):
        return repr(host_read(self, "repr"))

    def __str__(self):
        return str(host_read(self, "str"))

    def __format__(self, how):
        return format(host_read(self, "format"), how)

    def __dlpack_device__(self):
        return CUDA_DEVICE, self._pointer.device_id

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        return self._host.__dlpack__(max_version=max_version)


def host_read(x, how):
    """The values, for whoever reads them: the host waits until they are computed."""
    note("waits", how)
    note("copies", "device to host")
    return x._host


def fresh(host):
    """A new array in C order on the current card, with values that something has computed."""
    host = np.asarray(host)
    made = ndarray(host.shape, host.dtype)
    made._host[...] = host
    return made


def view_of(x, host):
    """The array of a view of x's memory."""
    made = ndarray.__new__(ndarray)
    made._host, made._pointer, made._base = host, x._pointer, x if x._base is None else x._base
    return made


def shared_or_fresh(x, host, copying="copy"):
    """A view of x where NumPy found one, else a new array, made by a kernel."""
    if np.may_share_memory(host, x._host):
        return view_of(x, host)
    machine.reach(x._pointer.device_id)
    note("launches", copying)
    return fresh(host)


def operand(x, name):
    """What NumPy computes with: an array's values, or a scalar. Refuses what a kernel of CuPy does not take."""
    if isinstance(x, ndarray):
        machine.reach(x._pointer.device_id)
        return x._host
    if isinstance(x, bool | int | float | complex | np.generic):
        return x
    raise TypeError(f"{name}: Unsupported type {type(x)}")
