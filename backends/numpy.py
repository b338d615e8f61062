"""The NumPy backend: NumPy 2's own namespace is the array API standard, so nothing needs wrapping."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from typing import Any

import numpy as np

from xdl.backend import DTYPES, MemoryUse, dtype_of
from xdl.errors import DataError, DtypeError
from xdl.threads import use_chosen_threads

KERNELS = (
    "activation",
    "clip",
    "pointwise",
    "leaky_relu",
    "gelu",
    "softmax",
    "loss",
    "norm_rows",
    "norm",
    "layer_norm",
    "select",
    "conv.conv2d",
    "pool",
    "philox",
    "dropout",
    "recurrent.versions",
    "optim",
    "optim_adaptive",
)


class NumpyBackend:
    """Arrays in host memory. The types of NumPy's scalars belong to it too: its reductions return them."""

    name = "numpy"
    xp: Any = np
    array_types: tuple[type, ...] = (np.ndarray, *(np.dtype(c).type for c in "?bhilqBHILQfd"))
    accelerated = False
    host_values = True
    home: int | None = None

    def asarray(self, host: Any, dtype: str | None = None, index: int | None = None) -> np.ndarray:
        """A new array, in the machine's byte order; Python floats become float32.

        Raises DtypeError for what are no numbers of a dtype that xdl has, for nested lists that are no rectangle, and
        for a list of integers that the wanted dtype does not hold.
        """
        del index
        x = _numbers(host)
        if dtype is None:
            weak = x.dtype == np.float64 and not isinstance(host, np.ndarray | np.generic) and not _holds_float64(host)
            return x.astype(np.float32) if weak else x
        wanted = np.dtype(dtype_of(np, dtype))
        if x.dtype.kind in "iu" and wanted.kind in "iu" and x.size and not isinstance(host, np.ndarray):
            limits, low, high = np.iinfo(wanted), x.min(), x.max()
            if low < limits.min or high > limits.max:
                raise DtypeError("tensor", f"numbers that {dtype} holds", low if low < limits.min else high)
        return x.astype(wanted, copy=False)

    def index(self, x: np.ndarray) -> None:
        """There is one host."""
        del x

    def to_numpy(self, x: np.ndarray) -> np.ndarray:
        """The array itself."""
        return x

    def synchronize(self) -> None:
        """Nothing is ever queued."""

    def check_values(self, operation: str, expected: str, wrong: np.ndarray | np.bool) -> None:
        """Raises DataError if there is a True."""
        if wrong.any():
            place = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(wrong)))
            raise DataError(operation, expected, f"one outside at {place}")

    def check_range(
        self, operation: str, name: str, x: np.ndarray, low: int, high: int, ignored: int | None = None
    ) -> None:
        """Raises DataError for an integer outside [low, high) that is not `ignored`."""
        if not x.size or (x.min() >= low and x.max() < high):
            return
        outside = (x < low) | (x >= high)
        if ignored is not None:
            outside = outside & (x != ignored)
        if outside.any():
            but = "" if ignored is None else f" or {ignored}, which is ignored"
            raise DataError(operation, f"{name} in [{low}, {high}){but}", int(x[outside][0]))

    def zeros(self, like: np.ndarray, size: int, place: int) -> np.ndarray:
        """Zeros that begin at a place of a page of their own."""
        return import_module("xdl.kernels.common.buffers").zeros(size, like.dtype, place)  # type: ignore[no-any-return]

    def shares_memory(self, a: np.ndarray, b: np.ndarray) -> bool:
        """Whether the ranges of bytes overlap."""
        return np.may_share_memory(a, b)

    def writable(self, x: np.ndarray) -> bool:
        """Whether NumPy lets x be written into."""
        return x.flags.writeable

    def linear_algebra(self) -> nullcontext[None]:
        """NumPy raises by itself, and brings LAPACK."""
        return nullcontext()

    def memory(self) -> MemoryUse:
        """What the buffer pool of the kernels holds."""
        buffers = import_module("xdl.kernels.common.buffers")
        return MemoryUse(used=buffers.pool.used(), pooled=buffers.pool.free(), limit=buffers.pool.limit)


def _numbers(host: Any) -> np.ndarray:
    """A new array of numbers, nested lists of them or of Tensors and arrays."""
    try:
        x = np.array(host)
    except (ValueError, TypeError) as error:
        raise DtypeError("tensor", "a rectangle of numbers", str(error)) from error
    if x.dtype.newbyteorder("=").name not in DTYPES:
        hint = 'Convert with .astype("float32")' if x.dtype.kind == "f" else ""
        raise DtypeError("tensor", f"numbers of a dtype among {', '.join(DTYPES)}", _described(host, x), hint)
    return x.astype(x.dtype.newbyteorder("="), copy=False)


def _described(host: Any, x: np.ndarray) -> str:
    """What was given in place of numbers: the dtype of an array, or the first thing in a list that is no number."""
    if isinstance(host, np.ndarray | np.generic):
        return str(x.dtype)
    wrong = [item for item in x.reshape(-1)[:1000].tolist() if not isinstance(item, bool | float) and item != 0]
    return f"{type(wrong[0]).__name__} {wrong[0]!r:.40}" if wrong else str(x.dtype)


def _holds_float64(host: Any) -> bool:
    """Whether nested lists hold NumPy float64 values, whose type counts, beside Python floats, whose type does not."""
    if isinstance(host, list | tuple):
        return any(_holds_float64(item) for item in host)
    return isinstance(host, np.float64 | np.ndarray) and host.dtype == np.float64


def create() -> NumpyBackend:
    """The backend, with the kernel versions for it registered."""
    for name in KERNELS:
        import_module(f"xdl.kernels.numpy.{name}")
    import_module("xdl.kernels.numba").register()
    import_module("xdl.kernels.common.heap").keep_freed_memory()
    use_chosen_threads()
    return NumpyBackend()
