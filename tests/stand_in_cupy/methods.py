"""Methods of arrays, in CuPy's signatures."""

import numpy as np

from . import arithmetic, indexing, machine, products, selection  # noqa: F401 (they complete class and functions)
from .array import device_dtype, fresh, ndarray, operand, shared_or_fresh, view_of
from .catalogue import METHODS, method_signature
from .counts import note
from .routines import FUNCTION
from .ufuncs import UFUNC

AS_FUNCTIONS = (
    "all any argmax argmin argsort clip cumprod cumsum diagonal dot max mean min nonzero prod ptp repeat round "
    "searchsorted squeeze std sum swapaxes take trace var ravel"
).split()
SORTED_IN_PLACE = 7


def astype(self, dtype, order="K", casting=None, subok=None, copy=True):
    """By a kernel; of the same dtype a copy of the memory, or nothing."""
    kind = device_dtype(dtype)
    if kind == self.dtype and not copy:
        return self
    host = operand(self, "astype")
    same = kind == self.dtype and (host.flags.c_contiguous or host.flags.f_contiguous)
    note("copies" if same else "launches", "device to device" if same else "astype", host.size > 0)
    return in_order(host, kind, order)


def in_order(host, dtype, order):
    """A new array with the values in that order of memory."""
    with np.errstate(all="ignore"):
        wanted = np.array(host, dtype, order=order)
    made = ndarray(host.shape, dtype)
    if not wanted.flags.c_contiguous:
        made._host = np.lib.stride_tricks.as_strided(made._host, wanted.shape, wanted.strides)
    made._host[...] = wanted
    return made


def copy(self, order="C"):
    """A copy of the memory where the order stays, else a kernel; of another card's array through both cards."""
    host = self._host
    kept = order in "KA" or (host.flags.c_contiguous if order == "C" else host.flags.f_contiguous)
    plain = kept and (host.flags.c_contiguous or host.flags.f_contiguous)
    if self._pointer.device_id != machine.current_device():
        note("copies", "card to card")
    else:
        note("copies" if plain else "launches", "device to device" if plain else "copy", host.size > 0)
    return in_order(host, self.dtype, order)


def view(self, dtype=None, type=None):
    """The same memory, of another dtype perhaps."""
    return view_of(self, self._host.view() if dtype is None else self._host.view(dtype))


def reshape(self, *shape, order="C", copy=None):
    """A view where NumPy finds one."""
    return shared_or_fresh(self, self._host.reshape(*shape, order=order))


def flatten(self, order="C"):
    """A copy."""
    return FUNCTION["ravel"](self, order).copy()


def transpose(self, *axes):
    """A view."""
    return view_of(self, self._host.transpose(*axes))


def fill(self, value):
    """By a memset for zeros, else a kernel."""
    indexing.fill(self._host, value)


def sort(self, axis=-1, kind=None):
    """In place."""
    note("launches", "sort", SORTED_IN_PLACE)
    operand(self, "sort").sort(axis)


def conj(self):
    """Of real numbers themselves."""
    return UFUNC["conj"](self)


def tobytes(self, order="C"):
    """Of the values on the host."""
    return self.get().tobytes(order)


def scatter_add(self, slices, value):
    """Adds at every index, however often it comes."""
    host = operand(value, "scatter_add")
    index = tuple(indexing._parts(self, slices)[0])
    note("launches", "scatter_add")
    np.add.at(self._host, index, host)


def reduced_view(self, dtype=None):
    """The same elements in as few dimensions as can be."""
    flat = self._host.flags.c_contiguous
    return view_of(self, self._host.reshape(-1)) if flat else self


def deep_copy(self, memo=None):
    """A copy."""
    return self.copy()


def real(self):
    """A view of the real parts."""
    return view_of(self, np.asarray(self._host.real))


def reduce(self):
    """By the values on the host, as CuPy pickles."""
    return fresh, (self.get(),)


def as_function(name):
    """The method that hands the array to the function of its name."""
    signature, function = method_signature(name), FUNCTION[name]

    def method(self, *args, **kwargs):
        given = signature.bind(*args, **kwargs)
        return function(self, *given.args, **given.kwargs)

    method.__name__, method.__signature__ = name, signature
    return method


for name in AS_FUNCTIONS:
    setattr(ndarray, name, as_function(name))
for method in (
    astype,
    copy,
    view,
    reshape,
    flatten,
    transpose,
    fill,
    sort,
    conj,
    tobytes,
    scatter_add,
    reduced_view,
):
    assert method.__name__ in METHODS
    setattr(ndarray, method.__name__, method)
ndarray.real = property(real)
ndarray.__copy__ = ndarray.__deepcopy__ = deep_copy
ndarray.__reduce__ = reduce
ndarray.__matmul__ = lambda self, other: FUNCTION["matmul"](self, other)
