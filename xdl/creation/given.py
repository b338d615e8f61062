"""Tensors of data that are there: numbers, lists, arrays, the memory of other libraries."""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.backend import DTYPES
from xdl.creation.filled import Where
from xdl.devices import Device
from xdl.errors import BackendError, DtypeError
from xdl.tensor import Tensor

HOST = 1  # DLPack's number of the host's memory


def tensor(data: Any, dtype: Any = None, device: Where = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of `data`: numbers, nested lists of numbers or Tensors, a Tensor or a NumPy array.

    Arrays and Tensors keep their dtype, Python floats become float32, integers int64. Nothing is recorded. Raises
    DtypeError for data that are no rectangle of numbers, and for a dtype that xdl lacks, such as float16.
    """
    if isinstance(data, Tensor):
        data = data.numpy()
    if device is None:
        return Tensor(backend.current().asarray(data, dtype), requires_grad)
    place = Device(device)
    return Tensor(place.backend.asarray(data, dtype, place.index), requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Where = None) -> Tensor:
    """`data` as a tensor of that dtype there; a Tensor itself, or a NumPy array's memory, where nothing is to change.

    Raises as `tensor`.
    """
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    if type(data) is not backend.load("numpy").array_types[0] or str(getattr(data, "dtype", "")) not in DTYPES:
        return tensor(data, dtype, device)
    return from_numpy(data).to(dtype=dtype, device=backend.current().name if device is None else device)


def from_numpy(array: Any) -> Tensor:
    """A tensor on the NumPy backend that shares the array's memory."""
    kind = type(array)
    if kind is not backend.load("numpy").array_types[0]:
        raise BackendError("from_numpy", "a NumPy array", kind.__name__)
    if str(array.dtype) not in DTYPES:
        expected = f"an array of {', '.join(DTYPES)} in the machine's byte order"
        raise DtypeError("from_numpy", expected, array.dtype.str, "Convert it with .astype(...)")
    return Tensor(array)


def from_dlpack(source: Any, *, device: Where = None, copy: bool | None = None) -> Tensor:
    """A tensor that shares the memory of any array with `__dlpack__`, on the current backend or that of the device.

    copy: True for memory of its own, False to refuse where the source must copy

    Raises BackendError for other objects, for memory that is not where the backend's arrays are, and for what the
    source refuses; DtypeError for numbers that xdl lacks.
    """
    if not hasattr(source, "__dlpack__") or not hasattr(source, "__dlpack_device__"):
        raise BackendError("from_dlpack", "an object with __dlpack__", type(source).__name__)
    _check_dtype(source)
    place = None if device is None else Device(device)
    here = backend.current() if place is None else place.backend
    expected = here.asarray([], "float32").__dlpack_device__()
    try:
        found = source.__dlpack_device__()
    except (BufferError, RuntimeError, TypeError, ValueError) as error:  # PyTorch's meta tensors have no memory
        raise BackendError("from_dlpack", "memory on a device of DLPack's", str(error)) from error
    if found[0] != expected[0]:
        kinds = f"memory of {here.name}'s device (DLPack device type {int(expected[0])})"
        raise BackendError("from_dlpack", kinds, f"type {int(found[0])}", "Copy it with xdl.tensor(...)")
    number = 0 if found[0] == HOST else None if place is None else place.index
    if number not in (None, found[1]):
        raise BackendError("from_dlpack", f"memory of {here.name}'s device {number}", f"device {found[1]}")
    try:
        x = here.xp.from_dlpack(source, copy=copy) if copy is not None else here.xp.from_dlpack(source)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        raise BackendError("from_dlpack", "memory that can be shared", str(error)) from error
    _check_dtype(x)
    return Tensor(x)


def _check_dtype(x: Any) -> None:
    """Raises DtypeError for an array of any library whose dtype xdl lacks."""
    name = str(getattr(x, "dtype", "bool")).rpartition(".")[2]
    if name not in DTYPES:
        expected = f"an array of {', '.join(DTYPES)}"
        raise DtypeError("from_dlpack", expected, name, "Convert it first")
