"""The CuPy backend: arrays on NVIDIA GPUs, one of which computes.

That card is the current one of CUDA when the backend is loaded, or the one that `choose` names. CUDA keeps a current
card for each thread: new arrays and launches of xdl's kernels make theirs current in the thread that they run in.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from xdl import backend, observe
from xdl.backend import Array, MemoryUse
from xdl.errors import BackendError, DeviceMemoryError

from .cuda import CudaBackend
from .cupy_graph import CupyGraph
from .cupy_memory import arrays_in_words, largest_arrays, read_limit, size_in_words
from .cupy_namespace import exact_namespace
from .cupy_status import INSTALL as INSTALL
from .cupy_status import Status as Status
from .cupy_status import device_count, in_words, remedy_for_parts, status

LARGEST = 5  # arrays that a report names
FULL = "Take a smaller batch, evaluate under no_grad(), drop tensors no longer needed, or raise XDL_GPU_MEMORY_LIMIT"


class CupyBackend(CudaBackend):
    """Arrays on one card at a time. XDL_GPU_MEMORY_LIMIT limits their memory from the start."""

    name = "cupy"

    def __init__(self) -> None:
        self._cupy = import_module("cupy")
        self._make_device = import_module("xdl.kernels.cuda.device").CupyDevice
        self.array_types: tuple[type, ...] = (self._cupy.ndarray,)
        self._cupy.cuda.set_allocator(self._reporting(self._cupy.cuda.get_allocator()))
        self._capturing: CupyGraph | None = None
        self._limit_from_environment()
        xp = exact_namespace(self._cupy, import_module("array_api_compat.cupy"), device_count())
        super().__init__(self._make_device(), xp)
        self.home = int(self.device.index)
        self._cards = {self.home: (self.device, self.flag)}
        if device_count() > 1:  # CuPy would read the other card's memory through the bus, and only warn
            warnings.filterwarnings("error", r"The device where the array resides")
            backend.several_cards = True

    def choose(self, index: int) -> None:
        """Computes on the card of that number from now on. Waits for the one before, and raises what it found wrong.

        Raises BackendError for a number that no card has.
        """
        self._check_number(index)
        if index == self.home:
            self.device.enter()
            return
        self.synchronize()
        self._cupy.cuda.Device(index).use()
        if index not in self._cards:
            self._limit_from_environment()
            self._cards[index] = (self._make_device(), self.new_flag())
        self.home, (self.device, self.flag) = index, self._cards[index]

    def _check_number(self, index: int) -> None:
        count = device_count()
        if index >= count:
            hint = "nvidia-smi lists all cards, and CUDA_VISIBLE_DEVICES may hide some"
            raise BackendError("cupy", f"the number of a card in [0, {count})", index, hint)

    def asarray(self, host: Any, dtype: str | None = None, index: int | None = None) -> Array:
        """A copy on the card that computes, or on that of the number; Python floats become float32, as on the host.

        Raises BackendError for a number that no card has.
        """
        x = backend.load("numpy").asarray(host, dtype)
        self.device.enter()
        if index is not None and index != self.home:
            self._check_number(index)
            with self._cupy.cuda.Device(index):
                return self._cupy.asarray(x)
        if x.size and (watching := observe.launches) is not None:
            watching.entered("asarray", x)
        graph = self._capturing
        return self._cupy.asarray(x) if graph is None else graph.constant(lambda: self._cupy.asarray(x))

    def index(self, x: Array) -> int:
        """The number of the device that x lives on."""
        return int(x.device.id)

    def to_numpy(self, x: Array) -> Any:
        """A copy on the host; waits for the work that computes x, and raises what kernels found wrong until then."""
        observe.host_read("to_numpy", x)
        self.check_flag()
        return self._cupy.asnumpy(x)

    def synchronize(self) -> None:
        """Waits for all streams of the card that computes, and raises what kernels found wrong."""
        observe.host_read("synchronize", self.flag)
        self.device.enter()
        self._cupy.cuda.Device().synchronize()
        self.check_flag()

    @contextmanager
    def linear_algebra(self) -> Iterator[None]:
        """CuPy looks at what cuSOLVER says of each matrix, which waits for the device: else it gives wrong numbers.

        Raises BackendError where cuSOLVER does not load; CuPy looks for it only here.
        """
        try:
            self._cupy.cuda.cusolver  # noqa: B018
        except (ImportError, RuntimeError, OSError) as error:
            remedy = remedy_for_parts(self._cupy)
            raise BackendError("cupy", "cuSOLVER, for linear algebra", in_words(error), remedy) from error
        with import_module("cupyx").errstate(linalg="raise"):
            yield

    def memory(self) -> MemoryUse:
        """What CuPy's memory pool holds on the card that computes."""
        self.device.enter()
        pool = self._cupy.get_default_memory_pool()
        return MemoryUse(used=pool.used_bytes(), pooled=pool.free_bytes(), limit=pool.get_limit())

    def set_memory_limit(self, limit: int | str) -> None:
        """Limits the memory of all arrays on the card that computes: bytes, "8GiB", "80%" of the card's.

        0 lifts the limit, also that of CUPY_GPU_MEMORY_LIMIT. Raises SettingError for anything else.
        """
        _, total = self._cupy.cuda.runtime.memGetInfo()
        self._cupy.get_default_memory_pool().set_limit(size=read_limit(str(limit), total))

    def _limit_from_environment(self) -> None:
        """Without the variable CuPy's own limit stays as it is."""
        if limit := os.environ.get("XDL_GPU_MEMORY_LIMIT"):
            self.set_memory_limit(limit)

    def memory_report(self) -> str:
        """Free and used memory of the device, and the largest arrays, in words."""
        free, total = self._cupy.cuda.runtime.memGetInfo()
        held = self.memory()
        limit = f" of {size_in_words(held.limit)} allowed" if held.limit else ""
        largest = arrays_in_words(largest_arrays(self.array_types[0], LARGEST))
        return (
            f"{size_in_words(free)} of {size_in_words(total)} free, {size_in_words(held.used)}{limit} held by arrays, "
            f"the largest of them: {largest}"
        )

    def graph(self) -> CupyGraph:
        """A CUDA graph, for `xdl.capture`."""
        return CupyGraph(self._cupy, self.device.enter, self._reporting, self._hold)

    def _hold(self, graph: CupyGraph | None) -> None:
        """From now on that graph is captured, or none."""
        self._capturing = graph

    def _reporting(self, plain: Callable[[int], Any]) -> Callable[[int], Any]:
        """An allocator of CuPy, which has already given back what it kept for reuse when it fails."""

        def allocate(size: int) -> Any:
            try:
                return plain(size)
            except self._cupy.cuda.memory.OutOfMemoryError as error:
                raise DeviceMemoryError(
                    "cupy", f"room for {size_in_words(size)} on the device", self.memory_report(), FULL
                ) from error

        return allocate


def create() -> CupyBackend:
    """The backend. Raises BackendError with the cause and the remedy where CuPy does not work."""
    found = status()
    if not found.usable:
        raise BackendError("cupy", "a usable CUDA device and CuPy", found.cause, found.remedy)
    return CupyBackend()
