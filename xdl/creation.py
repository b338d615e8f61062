"""New tensors: from host data, filled, counted, or handed over by another library.

New arrays live on the current backend (`xdl.use`); `dtype` is a name such as "float32".
"""

from __future__ import annotations

from typing import Any

from xdl import backend
from xdl.backend import DTYPES, Array, Namespace, namespaces
from xdl.errors import BackendError, DtypeError
from xdl.tensor import Tensor


def tensor(data: Any, dtype: str | None = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of `data`: numbers, nested lists of numbers or Tensors, a Tensor or a NumPy array.

    Arrays and Tensors keep their dtype, Python floats become float32, integers int64. Nothing is recorded. Raises
    DtypeError for data that are no rectangle of numbers, and for a dtype that xdl lacks, such as float16.
    """
    if isinstance(data, Tensor):
        data = data.numpy()
    return Tensor(backend.current().asarray(data, dtype), requires_grad)


def zeros(*shape: Any, dtype: str = "float32", requires_grad: bool = False) -> Tensor:
    """All 0."""
    return full(_shape(shape), 0, dtype, requires_grad)


def ones(*shape: Any, dtype: str = "float32", requires_grad: bool = False) -> Tensor:
    """All 1."""
    return full(_shape(shape), 1, dtype, requires_grad)


def full(shape: tuple[int, ...], value: float, dtype: str = "float32", requires_grad: bool = False) -> Tensor:
    """All `value`."""
    xp, like = _place(dtype)
    return Tensor(xp.full(shape, value, dtype=like.dtype, device=like.device), requires_grad)


def arange(start: float, end: float | None = None, step: float = 1, dtype: str | None = None) -> Tensor:
    """start, start + step, ... below end (0, 1, ... below start if only that is given); int64 for whole numbers."""
    low, high = (0, start) if end is None else (start, end)
    xp, like = _place(dtype or ("int64" if all(isinstance(v, int) for v in (low, high, step)) else "float32"))
    return Tensor(xp.arange(low, high, step, dtype=like.dtype, device=like.device))


def eye(n: int, m: int | None = None, dtype: str = "float32", requires_grad: bool = False) -> Tensor:
    """(n, m), or (n, n): 1 where row and column have the same number, else 0."""
    xp, like = _place(dtype)
    return Tensor(xp.eye(n, m, dtype=like.dtype, device=like.device), requires_grad)


def zeros_like(input: Tensor) -> Tensor:
    """All 0, with input's shape, dtype and backend."""
    return Tensor(namespaces[type(input.array)].zeros_like(input.array))


def ones_like(input: Tensor) -> Tensor:
    """All 1, with input's shape, dtype and backend."""
    return Tensor(namespaces[type(input.array)].ones_like(input.array))


def from_numpy(array: Any) -> Tensor:
    """A tensor on the NumPy backend that shares the array's memory."""
    kind = type(array)
    if kind is not backend.load("numpy").array_types[0]:
        raise BackendError("from_numpy", "a NumPy array", kind.__name__)
    if str(array.dtype) not in DTYPES:
        expected = f"an array of {', '.join(DTYPES)} in the machine's byte order"
        raise DtypeError("from_numpy", expected, array.dtype.str, "Convert it with .astype(...)")
    return Tensor(array)


def from_dlpack(source: Any) -> Tensor:
    """A tensor that shares the memory of any array with `__dlpack__`, on the current backend.

    Raises BackendError for other objects, and for memory that is not where the current backend's arrays are.
    """
    if not hasattr(source, "__dlpack__"):
        raise BackendError("from_dlpack", "an object with __dlpack__", type(source).__name__)
    here = backend.current()
    expected, found = (x.__dlpack_device__()[0] for x in (here.asarray([], "float32"), source))
    if found != expected:
        kinds = f"memory of {here.name}'s device (DLPack device type {int(expected)})"
        raise BackendError("from_dlpack", kinds, f"type {int(found)}", "Copy it with xdl.tensor(...)")
    return Tensor(here.xp.from_dlpack(source))


def _place(dtype: str) -> tuple[Namespace, Array]:
    """The current backend's namespace, and an empty array of that dtype on the device where it makes new ones."""
    made = backend.current()
    return made.xp, made.asarray([], dtype)


def _shape(given: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(given[0]) if len(given) == 1 and not isinstance(given[0], int) else given
