"""Element types by their names, the same on every backend.

A tensor's dtype is a name, "float32"; a namespace has an object of its own for each, `xp.float32`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl.errors import DtypeError, nearest

DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
PYTHON_DTYPES = {bool: "bool", int: "int64", float: "float64"}  # as PyTorch reads Python's types
HALVES = ("float16", "bfloat16", "half")


class Dtype(str):
    """An element type by its name, a string, with what PyTorch's dtypes tell of themselves."""

    __slots__ = ()
    is_complex = False

    @property
    def is_floating_point(self) -> bool:
        """Whether it is float32 or float64."""
        return self.startswith("float")

    @property
    def is_signed(self) -> bool:
        """Whether it holds negative numbers."""
        return self[0] in "if"

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return int(self.lstrip("uintfloa")) // 8 if self != "bool" else 1


class _Known(dict[Any, Any]):
    """A namespace's dtype object -> what `say` says of its name; NumPy takes 5 microseconds to give the name."""

    def __init__(self, say: Callable[[str], Any]) -> None:
        self.say = say

    def __missing__(self, dtype: Any) -> Any:
        return self.setdefault(dtype, self.say(str(dtype).rpartition(".")[2]))


NAMED = {name: Dtype(name) for name in DTYPES}
names: dict[Any, Dtype] = _Known(NAMED.__getitem__)  # dtype object -> its name on every backend
kinds: dict[Any, str] = _Known(lambda name: name.lstrip("u").rstrip("0123456789_"))  # -> "bool", "int" or "float"


def dtype_name(x: Any) -> Dtype:
    """The element type of an array by its name on every backend: "float32"."""
    return names[x.dtype]


def dtype_of(xp: Any, name: Any) -> Any:
    """The namespace's own object for a dtype, see `named_dtype`."""
    return getattr(xp, name if type(name) is str and name in DTYPES else named_dtype(name))


def named_dtype(dtype: Any) -> str:
    """The name of a dtype that is given by name, as a type of Python (float is float64) or as a dtype of NumPy.

    Raises DtypeError for what xdl has not, half precision by name.
    """
    name = PYTHON_DTYPES.get(dtype) if isinstance(dtype, type) else None
    if name is None:
        name = dtype if isinstance(dtype, str) else str(getattr(dtype, "__name__", dtype)).rpartition(".")[2]
    if name in HALVES:
        raise DtypeError("dtype", "float32 or float64: xdl has no half precision", name, 'Write dtype="float32"')
    if name not in DTYPES:
        raise DtypeError("dtype", "a dtype name", repr(dtype), nearest(name, DTYPES))
    return name
