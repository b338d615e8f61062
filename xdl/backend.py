"""Backends: where arrays live. A backend is small on purpose: no operation lives here.

Operations are written against the array namespace `xp` of the arrays that come in:

    xp = namespaces[type(x)]
    y = xp.exp(x)

so dispatch follows an array's own type. `use()` sets only where *new* arrays are created. Backends are
loaded by name from `xdl.backends.<name>` when first needed, so `import xdl` costs no NumPy.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from xdl.dtypes import DTYPES as DTYPES
from xdl.dtypes import HALVES as HALVES
from xdl.dtypes import NAMED as NAMED
from xdl.dtypes import PYTHON_DTYPES as PYTHON_DTYPES
from xdl.dtypes import Dtype as Dtype
from xdl.dtypes import dtype_name as dtype_name
from xdl.dtypes import dtype_of as dtype_of
from xdl.dtypes import kinds as kinds
from xdl.dtypes import named_dtype as named_dtype
from xdl.dtypes import names as names
from xdl.errors import BackendError, nearest
from xdl.guard import Guard

Array = Any  # an array of some backend: its type is known only at run time
Namespace = Any

NAMES = ("numpy", "cupy", "cuda-on-host")
DEVICES = {"cpu": "numpy", "cuda": "cupy"}  # PyTorch's names of the devices where a backend's arrays live
CARD = re.compile("[0-9]{1,9}")  # its number, of no more digits than Python reads


@dataclass(frozen=True)
class MemoryUse:
    """Bytes held by arrays in use, bytes kept for reuse, and the limit (0: none)."""

    used: int
    pooled: int
    limit: int


class Backend(Protocol):
    """What a backend provides. `array_types` lists every type that dispatches to it, the main one first.

    accelerated: whether `XDL_KERNELS=required` demands a kernel of its own for every slot
    host_values: whether values may be looked at to check them, because no device has to be waited for
    home:        the number of the card that computes, where new arrays go; None where there is but one device
    """

    name: str
    xp: Namespace
    array_types: tuple[type, ...]
    accelerated: bool
    host_values: bool
    home: int | None

    def choose(self, index: int) -> None:
        """Computes on the card of that number from now on, where there are cards. Raises BackendError."""

    def asarray(self, host: Any, dtype: str | None = None, index: int | None = None) -> Array:
        """The only door in: a new array from a NumPy array, a number or nested lists, on the device of that number."""

    def index(self, x: Array) -> int | None:
        """The number of the device that x lives on, or None where there is only one."""

    def to_numpy(self, x: Array) -> Any:
        """The only door out: a NumPy array with the values of x (a view where that is possible)."""

    def synchronize(self) -> None:
        """Waits until all queued work is done."""

    def check_values(self, operation: str, expected: str, wrong: Array) -> None:
        """Raises DataError if the bool array has a True in it; a device notes it, and raises where values are read."""

    def check_range(self, operation: str, name: str, x: Array, low: int, high: int, ignored: int | None = None) -> None:
        """`check_values` for integers x of which one is outside [low, high) and not `ignored`."""

    def zeros(self, like: Array, size: int, place: int) -> Array:
        """So many zeros of the dtype and on the device of x. Those of different places are fast to use together."""

    def shares_memory(self, a: Array, b: Array) -> bool:
        """Whether two of its arrays may overlap in memory."""

    def writable(self, x: Array) -> bool:
        """Whether x may be written into."""

    def linear_algebra(self) -> AbstractContextManager[Any]:
        """Inside, `linalg` raises ValueError for matrices that it cannot take; BackendError without its library."""

    def memory(self) -> MemoryUse:
        """Memory that this backend holds now."""


class _Namespaces(dict[type, Namespace]):
    """Array type -> namespace; a type of a backend that is not loaded yet loads it."""

    def __missing__(self, array_type: type) -> Namespace:
        root = array_type.__module__.partition(".")[0]
        if root in NAMES:
            load(root)
            if array_type in self:
                return self[array_type]
        raise BackendError("xdl", f"an array of {' or '.join(sorted(_loaded) or NAMES)}", array_type.__qualname__)


namespaces = _Namespaces()
_owners: dict[type, Backend] = {}
_loaded: dict[str, Backend] = {}
_loading = Guard()
_current: Backend | None = None
several_cards = False  # whether operations have to look at the card of each argument too


def add(backend: Backend) -> None:
    """Makes a backend known under its name and its array types. Raises BackendError if either is taken."""
    if backend.name in _loaded:
        raise BackendError("backend.add", "a new backend name", repr(backend.name))
    for array_type in backend.array_types:
        if array_type in _owners:
            expected = f"array types that no backend has yet ({_owners[array_type].name!r} has this one)"
            raise BackendError("backend.add", expected, array_type.__qualname__)
    _owners.update(dict.fromkeys(backend.array_types, backend))
    namespaces.update(dict.fromkeys(backend.array_types, backend.xp))
    _loaded[backend.name] = backend  # last: a thread that finds it here finds its types as well


def load(name: str) -> Backend:
    """The backend of that name, imported if needed. Raises BackendError with the cause if it cannot work here."""
    name = DEVICES.get(name, name)
    if name not in _loaded:
        if name not in NAMES:
            raise BackendError("backend", "a known backend", repr(name), nearest(name, known()))
        module = import_module(f"xdl.backends.{name.replace('-', '_')}")
        with _loading.lock:
            if name not in _loaded:
                add(module.create())
    return _loaded[name]


@contextmanager
def replaced(name: str, stand_in: Backend) -> Iterator[None]:
    """Inside, a backend that is loaded is the stand-in, with its array types and those of the stand-in."""
    global _current
    owner = _loaded[name]
    types = {*owner.array_types, *stand_in.array_types}
    before = _current
    try:
        _owners.update(dict.fromkeys(types, stand_in))
        namespaces.update(dict.fromkeys(types, stand_in.xp))
        _loaded[name] = stand_in
        _current = stand_in if before is owner else before
        yield
    finally:
        _current, _loaded[name] = before, owner
        for array_type in types - {*owner.array_types}:
            del _owners[array_type], namespaces[array_type]
        _owners.update(dict.fromkeys(owner.array_types, owner))
        namespaces.update(dict.fromkeys(owner.array_types, owner.xp))


def loaded() -> tuple[str, ...]:
    """The names of the backends that are known so far."""
    return tuple(_loaded)


def known() -> tuple[str, ...]:
    """The names that `load` takes: backends, and the devices "cpu" and "cuda"."""
    return tuple({*NAMES, *_loaded, *DEVICES})


def use(name: str) -> Backend:
    """Creates new arrays there from now on: `xdl.use("cupy")`, or by device, `"cuda"`; `"cupy:1"` chooses a card."""
    global _current
    kind, colon, number = name.partition(":")
    chosen = None if colon and not CARD.fullmatch(number) else load(kind)  # what is wrong in any case needs none
    if chosen is None or (colon and chosen.home is None and number != "0"):
        raise BackendError("backend", 'a number after ":", above 0 only where there are cards', repr(name))
    if colon and chosen.home is not None:
        chosen.choose(int(number))
    _current = chosen
    return chosen


def current() -> Backend:
    """The backend on which new arrays are created: the last `use()`, else XDL_BACKEND, else NumPy."""
    return _current if _current is not None else use(os.environ.get("XDL_BACKEND", "numpy"))


def of(x: Array) -> Backend:
    """The backend that an array belongs to."""
    namespaces[type(x)]  # loads the backend of a type that has not been seen yet
    return _owners[type(x)]


def writable(x: Array) -> bool:
    """Whether every element of x may be written by itself: not read-only, and none shares memory with another.

    Views of other libraries come expanded (strides of 0) and as overlapping windows, and say that they are writable.
    """
    if not of(x).writable(x):
        return False
    if getattr(getattr(x, "flags", None), "c_contiguous", True):
        return True
    reach = 0  # bytes from the first element to the last, in the dimensions that were looked at
    for step, size in sorted((abs(step), size) for step, size in zip(x.strides, x.shape, strict=True) if size > 1):
        if step < reach + x.dtype.itemsize:
            return False
        reach += step * (size - 1)
    return True
