"""Whether CuPy works here, and the answer to "why not?".

`import cupy` succeeds on a machine without a driver, so what is missing shows only later, as an error far from
its cause. `status()` asks for one thing after another instead and says what to do about the first that is missing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from xdl.errors import BackendError

INSTALL = {  # CUDA generation of the driver -> what to install; the extras cuda12 and cuda13 hold the same
    12: 'pip install "cupy-cuda12x>=14" nvidia-cuda-nvrtc-cu12 nvidia-cuda-runtime-cu12 nvidia-cublas-cu12 '
    "nvidia-cusolver-cu12",
    13: 'pip install "cupy-cuda13x>=14" nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cublas nvidia-cusolver',
}
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
        _compiler(cupy)
        _products(cupy)
    except _UnusableError as found:
        return found.status
    except Exception as error:
        return Status(False, f"CuPy fails: {in_words(error)}", "Run nvidia-smi; if it works, reinstall CuPy")
    return Status(True, f"CuPy {cupy.__version__}, driver for CUDA {version(driver)}", "")


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
            needed = version(runtime.runtimeGetVersion())
            cause = f"the driver (for CUDA {version(driver)}) is too old for this CuPy (CUDA {needed})"
            other = f", or replace CuPy: pip uninstall cupy-cuda13x && {INSTALL[12]}" if driver // 1000 == 12 else ""
            raise _UnusableError(cause, f"Update the driver{other}") from error
        if error.status != NO_DEVICE:
            raise
        count = 0
    if count == 0:
        raise _UnusableError(
            "no CUDA device is visible", "See that nvidia-smi lists one and CUDA_VISIBLE_DEVICES allows it"
        )


def _compiler(cupy: Any) -> None:
    """NVRTC loads, finds the headers that CuPy's own kernels include, and what it compiles runs.

    Looking for it first loads the one that fits: CuPy 14 takes the newest, which it then cannot use if two are there.
    """
    library = import_module("xdl.kernels.cuda.nvrtc_library")
    with suppress(BackendError):  # CuPy may know another place
        library.load_library(library.cupy_generation())
    try:
        cupy.cuda.nvrtc.getVersion()
        total = int((cupy.arange(4) + 1).sum())
    except Exception as error:
        cause = f"CuPy cannot compile and run a kernel: {in_words(error)}"
        raise _UnusableError(cause, remedy_for_parts(cupy)) from error
    if total != 10:
        raise _UnusableError(
            f"the device computes 1 + 2 + 3 + 4 = {total}", "The device or its driver is faulty: nvidia-smi -q"
        )


def _products(cupy: Any) -> None:
    """cuBLAS loads; CuPy looks for it only when a product needs it."""
    try:
        import_module("cupy.cublas")
    except ImportError as error:
        raise _UnusableError(f"cuBLAS does not load: {in_words(error)}", remedy_for_parts(cupy)) from error


def remedy_for_parts(cupy: Any) -> str:
    """What to install where a part of CUDA is missing: of the generation that this CuPy was built for."""
    generation = int(cupy.cuda.runtime.runtimeGetVersion()) // 1000
    return f"Install the CUDA parts: {INSTALL[max(12, min(generation, 13))]}"


def version(number: int) -> str:
    """12080 -> "12.8"."""
    return f"{number // 1000}.{number % 1000 // 10}"


def in_words(error: Exception) -> str:
    """The type of an error and the first line of its message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
