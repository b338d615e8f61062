"""The CuPy backend: arrays on an NVIDIA GPU, and the answer to "why does it not work here?".

`import cupy` succeeds on a machine without a driver, so what is missing shows only later, as an error far from
its cause. `status()` asks for one thing after another instead and says what to do about the first that is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from xdl import backend
from xdl.backend import Array, MemoryUse
from xdl.errors import BackendError, DeviceMemoryError

from .cuda import CudaBackend
from .cupy_memory import arrays_in_words, largest_arrays, read_limit, size_in_words
from .cupy_namespace import exact_namespace

INSTALL = {  # CUDA generation of the driver -> what to install; the extras cuda12 and cuda13 hold the same
    12: 'pip install "cupy-cuda12x>=14" nvidia-cuda-nvrtc-cu12 nvidia-cuda-runtime-cu12 nvidia-cublas-cu12 '
    "nvidia-cusolver-cu12",
    13: 'pip install "cupy-cuda13x>=14" nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cublas nvidia-cusolver',
}
LARGEST = 5  # arrays that a report names
FULL = "Take a smaller batch, evaluate under no_grad(), drop tensors no longer needed, or raise XDL_GPU_MEMORY_LIMIT"
INSUFFICIENT_DRIVER, NO_DEVICE = 35, 100  # cudaError_t


@dataclass(frozen=True)
class Status:
    """Whether CuPy works here. cause: what was found; remedy: what to do (empty where nothing is to be done)."""

    usable: bool
    cause: str
    remedy: str


class _UnusableError(Exception):
    """What is missing (cause) and what to do about it (remedy)."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause, remedy)
        self.status = Status(False, cause, remedy)


def status() -> Status:
    """Checks package, driver, device, compiler (by one small kernel) and cuBLAS, in this order. Never raises."""
    try:
        cupy = _package()
        driver = _driver(cupy)
        _device(cupy, driver)
        _compiler(cupy, driver)
        _products(driver)
    except _UnusableError as found:
        return found.status
    except Exception as error:
        return Status(False, f"CuPy fails: {_in_words(error)}", "Run nvidia-smi; if it works, reinstall CuPy")
    return Status(True, f"CuPy {cupy.__version__}, driver for CUDA {_version(driver)}", "")


def device_count() -> int:
    """The number of cards. Only where `status` says that CuPy works."""
    return int(_package().cuda.runtime.getDeviceCount())


def _package() -> Any:
    try:
        return import_module("cupy")
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            raise
        remedy = f"With a driver for CUDA 12: {INSTALL[12]}. With one for CUDA 13: {INSTALL[13]}"
        raise _UnusableError("CuPy is not installed", remedy) from error


def _driver(cupy: Any) -> int:
    driver = int(cupy.cuda.runtime.driverGetVersion())
    if driver == 0:
        raise _UnusableError(
            "no NVIDIA driver is installed", "Install the driver of your GPU; nvidia-smi then lists it"
        )
    return driver


def _device(cupy: Any, driver: int) -> None:
    runtime = cupy.cuda.runtime
    try:
        count = runtime.getDeviceCount()
    except runtime.CUDARuntimeError as error:
        if error.status == INSUFFICIENT_DRIVER:
            needed = _version(runtime.runtimeGetVersion())
            cause = f"the driver (for CUDA {_version(driver)}) is too old for this CuPy (CUDA {needed})"
            other = f", or replace CuPy: pip uninstall cupy-cuda13x && {INSTALL[12]}" if driver // 1000 == 12 else ""
            raise _UnusableError(cause, f"Update the driver{other}") from error
        if error.status != NO_DEVICE:
            raise
        count = 0
    if count == 0:
        raise _UnusableError(
            "no CUDA device is visible", "See that nvidia-smi lists one and CUDA_VISIBLE_DEVICES allows it"
        )


def _compiler(cupy: Any, driver: int) -> None:
    """NVRTC loads, finds the headers that CuPy's own kernels include, and what it compiles runs."""
    try:
        cupy.cuda.nvrtc.getVersion()
        total = int((cupy.arange(4) + 1).sum())
    except Exception as error:
        raise _UnusableError(f"CuPy cannot compile and run a kernel: {_in_words(error)}", _parts(driver)) from error
    if total != 10:
        raise _UnusableError(
            f"the device computes 1 + 2 + 3 + 4 = {total}", "The device or its driver is faulty: nvidia-smi -q"
        )


def _products(driver: int) -> None:
    """cuBLAS loads; CuPy looks for it only when a product needs it."""
    try:
        import_module("cupy.cublas")
    except ImportError as error:
        raise _UnusableError(f"cuBLAS does not load: {_in_words(error)}", _parts(driver)) from error


def _parts(driver: int) -> str:
    return f"Install the CUDA parts: {INSTALL[max(12, min(driver // 1000, 13))]}"


def _version(number: int) -> str:
    """12080 -> "12.8"."""
    return f"{number // 1000}.{number % 1000 // 10}"


def _in_words(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


class CupyBackend(CudaBackend):
    """Arrays on the current CUDA device. XDL_GPU_MEMORY_LIMIT limits their memory from the start."""

    name = "cupy"

    def __init__(self) -> None:
        self._cupy = import_module("cupy")
        self.array_types: tuple[type, ...] = (self._cupy.ndarray,)
        self._plain_allocator = self._cupy.cuda.get_allocator()
        self._cupy.cuda.set_allocator(self._allocate)
        self.set_memory_limit(os.environ.get("XDL_GPU_MEMORY_LIMIT", "0"))
        xp = exact_namespace(self._cupy, import_module("array_api_compat.cupy"))
        super().__init__(import_module("xdl.kernels.cuda.device").CupyDevice(), xp)

    def asarray(self, host: Any, dtype: str | None = None, index: int | None = None) -> Array:
        """A copy on the current device, or on that of the number; Python floats become float32, as on the host.

        Raises BackendError for a number that no device has.
        """
        x = backend.load("numpy").asarray(host, dtype)
        if index is None:
            return self._cupy.asarray(x)
        count = device_count()
        if index >= count:
            raise BackendError("cupy", f"the number of a device in [0, {count})", index)
        with self._cupy.cuda.Device(index):
            return self._cupy.asarray(x)

    def index(self, x: Array) -> int:
        """The number of the device that x lives on."""
        return int(x.device.id)

    def to_numpy(self, x: Array) -> Any:
        """A copy on the host; waits for the work that computes x, and raises what kernels found wrong until then."""
        self.check_flag()
        return self._cupy.asnumpy(x)

    def synchronize(self) -> None:
        """Waits for all streams of the current device, and raises what kernels found wrong."""
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
            remedy = _parts(int(self._cupy.cuda.runtime.driverGetVersion()))
            raise BackendError("cupy", "cuSOLVER, for linear algebra", _in_words(error), remedy) from error
        with import_module("cupyx").errstate(linalg="raise"):
            yield

    def memory(self) -> MemoryUse:
        """What CuPy's memory pool holds on the current device."""
        pool = self._cupy.get_default_memory_pool()
        return MemoryUse(used=pool.used_bytes(), pooled=pool.free_bytes(), limit=pool.get_limit())

    def set_memory_limit(self, limit: int | str) -> None:
        """Limits the memory of all arrays: bytes, "8GiB", "80%" of the device's; 0 lifts the limit. Raises SettingError
        for anything else.
        """
        _, total = self._cupy.cuda.runtime.memGetInfo()
        self._cupy.get_default_memory_pool().set_limit(size=read_limit(str(limit), total))

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

    def _allocate(self, size: int) -> Any:
        """CuPy's allocator, which has already given back what it kept for reuse when it fails."""
        try:
            return self._plain_allocator(size)
        except self._cupy.cuda.memory.OutOfMemoryError as error:
            raise DeviceMemoryError(
                "cupy", f"room for {size_in_words(size)} on the device", self.memory_report(), FULL
            ) from error


def create() -> CupyBackend:
    """The backend. Raises BackendError with the cause and the remedy where CuPy does not work."""
    found = status()
    if not found.usable:
        raise BackendError("cupy", "a usable CUDA device and CuPy", found.cause, found.remedy)
    return CupyBackend()
