"""The test-only backend: array_api_strict on a simulated device that is not the host.

It stands in for a GPU: arrays made without `device=` land on another device and do not mix, nothing outside the
array API standard exists, shapes may not depend on values, and `no_synchronization` forbids looking at values.
"""

from contextlib import contextmanager, nullcontext
from unittest import mock

import array_api_strict as xp
import numpy as np

from xdl import backend
from xdl.backend import MemoryUse, dtype_of

DEVICE = xp.Device("device1")
HOST = xp.Device("CPU_DEVICE")
Array = type(xp.zeros(1))
PEEKS = ("__float__", "__bool__", "__int__", "__complex__", "__index__", "__array__", "__iter__")


class StrictBackend:
    """Arrays of array_api_strict on `DEVICE`."""

    name = "array_api_strict"
    xp = xp
    array_types = (Array,)
    accelerated = False
    host_values = False
    home = None

    def asarray(self, host, dtype=None, index=None):
        """A copy on the device; Python floats become float32."""
        del index
        x = backend.load("numpy").asarray(host, dtype)
        return xp.asarray(x, dtype=None if dtype is None else dtype_of(xp, dtype), device=DEVICE, copy=True)

    def index(self, x):
        """One device is as good as one host."""

    def to_numpy(self, x):
        """A copy on the host."""
        return np.array(xp.asarray(x, device=HOST))

    def synchronize(self):
        """Nothing is queued."""

    def check_values(self, operation, expected, wrong):
        """Values are not looked at."""

    def check_range(self, operation, name, x, low, high, ignored=None):
        """Nor here."""

    def zeros(self, like, size, place):
        """On the device."""
        del place
        return xp.zeros(size, dtype=like.dtype, device=like.device)

    def shares_memory(self, a, b):
        """Of the NumPy arrays behind."""
        return np.may_share_memory(a._array, b._array)

    def writable(self, x):
        """As NumPy has it."""
        return x._array.flags.writeable

    def linear_algebra(self):
        """NumPy's behind it raises."""
        return nullcontext()

    def memory(self):
        """Not counted."""
        return MemoryUse(0, 0, 0)


@contextmanager
def registered():
    """The backend is known inside; afterwards it is forgotten, so that tests do not depend on their order."""
    xp.set_array_api_strict_flags(data_dependent_shapes=False, boolean_indexing=False)
    made = StrictBackend()
    backend.add(made)
    try:
        yield made
    finally:
        del backend._loaded[made.name], backend._owners[Array], backend.namespaces[Array]
        xp.reset_array_api_strict_flags()


@contextmanager
def values_may_be_read():
    """Inside, shapes may depend on values, for functions whose result's shape does."""
    xp.set_array_api_strict_flags(data_dependent_shapes=True)
    yield
    xp.set_array_api_strict_flags(data_dependent_shapes=False)


@contextmanager
def no_synchronization():
    """Every way of looking at a value raises inside."""

    def refuse(*_, **__):
        raise AssertionError("a value was read from the device")

    peeks = mock.patch.multiple(Array, **dict.fromkeys(PEEKS, refuse))
    with peeks, mock.patch.object(StrictBackend, "to_numpy", refuse):
        yield
