"""What a backend provides: its arrays, their namespace, and where they live."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

Array = Any  # an array of some backend: its type is known only at run time
Namespace = Any


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

    @property
    def home(self) -> int | None: ...

    def choose(self, index: int) -> None:
        """Computes on the card of that number from now on. Raises BackendError for one that is not there."""

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

    def shares_memory(self, a: Array, b: Array) -> bool:
        """Whether two of its arrays may overlap in memory."""

    def writable(self, x: Array) -> bool:
        """Whether x may be written into."""

    def linear_algebra(self) -> AbstractContextManager[Any]:
        """Inside, the namespace's `linalg` raises ValueError for matrices that it cannot take.

        Raises BackendError where a library for it is missing.
        """

    def memory(self) -> MemoryUse:
        """Memory that this backend holds now."""
