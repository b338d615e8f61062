"""The backend over the host device: NumPy's functions on arrays of a class of their own, and xdl's CUDA kernels."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial, wraps
from types import ModuleType
from typing import Any

import numpy as np

from xdl import backend
from xdl.backend import MemoryUse

from ..cuda import CudaBackend
from .build import compiler
from .host_device import HostArray, HostDevice


class HostNamespace:
    """NumPy's namespace, except that every array which comes out is of a class of its own.

    As on a device, `take` raises for no index: it takes one of the others.
    """

    def __init__(self, array_type: type = HostArray, module: ModuleType = np) -> None:
        self._array_type, self._module = array_type, module

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._module, name)
        if isinstance(attribute, ModuleType):  # linalg
            return HostNamespace(self._array_type, attribute)
        if not callable(attribute) or isinstance(attribute, type):
            return attribute
        if name == "take":
            attribute = _take
        return _hosted(attribute, self._array_type)


_take = partial(np.take, mode="wrap")


@cache
def _hosted(function: Callable[..., Any], array_type: type) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: Any, **settings: Any) -> Any:
        value = function(*arguments, **settings)
        if isinstance(value, tuple):
            return tuple([np.asarray(part).view(array_type) for part in value])
        return np.asarray(value).view(array_type) if isinstance(value, np.ndarray | np.generic) else value

    return call


class HostBackend(CudaBackend):
    """The CUDA path of xdl on the CPU."""

    name = "cuda-on-host"
    array_types: tuple[type, ...] = (HostArray,)

    def __init__(self) -> None:
        compiler()  # refuses a machine that cannot build the kernels
        super().__init__(HostDevice(), HostNamespace())

    def asarray(self, host: Any, dtype: str | None = None, index: int | None = None) -> HostArray:
        """A copy; Python floats become float32, as on the NumPy backend."""
        del index
        array: HostArray = self.device.to_device(backend.load("numpy").asarray(host, dtype))
        return array

    def index(self, x: HostArray) -> None:
        """There is one host."""
        del x

    def to_numpy(self, x: HostArray) -> np.ndarray:
        """A copy, once the kernels' error flag has been looked at."""
        self.check_flag()
        return np.array(x)

    def writable(self, x: HostArray) -> bool:
        """As NumPy has it: memory of others may be read-only."""
        return x.flags.writeable

    def synchronize(self) -> None:
        """Launches are done when they return; raises what kernels found wrong."""
        self.check_flag()

    def memory(self) -> MemoryUse:
        """NumPy's arrays are not counted."""
        return MemoryUse(used=0, pooled=0, limit=0)
