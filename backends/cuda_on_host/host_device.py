"""The CPU as a device for CUDA kernels: the second implementation of `xdl.kernels.cuda.launch.Device`.

Arrays are of a class of their own, so that dispatch tells `cuda-on-host` from NumPy.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xdl.errors import BackendError
from xdl.kernels.cuda.plan import Plan
from xdl.kernels.cuda.products.gemm import Product, multiply

from .blas import strided_batched
from .build import build_kernels
from .isolated import run_isolated

FORWARD, BACKWARD, SHUFFLED = 0, 1, 7  # orders in which threads and blocks run: see harness/runtime.h
ISOLATED = ("asan", "tsan")  # modes that run a launch in a process of its own
CONCURRENT_BLOCKS = 132  # a cooperative grid may be as large as on a GPU of 132 multiprocessors


class HostArray(np.ndarray):
    """A NumPy array that belongs to the host device."""


class LaunchConfiguration(ctypes.Structure):
    """host::Launch of harness/runtime.h."""

    _fields_ = (
        ("grid", ctypes.c_uint * 3),
        ("block", ctypes.c_uint * 3),
        ("shared_bytes", ctypes.c_uint),
        ("cooperative", ctypes.c_uint),
        ("order", ctypes.c_uint64),
    )


class HostDevice:
    """Runs kernels on the CPU.

    mode: "fast", "profile" (both in this process), "asan" or "tsan" (a process per launch); see build.py
    order: of threads and blocks; FORWARD, BACKWARD or the seed of a random order
    """

    name = "cuda-on-host"
    shared_limit = 227 << 10
    tensor_cores = True

    def __init__(self, mode: str = "fast", order: int = FORWARD) -> None:
        self.mode = mode
        self.order = order

    def empty(self, shape: tuple[int, ...], dtype: str) -> HostArray:
        """Filled with NaN (integers: -1), so that an element nobody writes is seen."""
        array = _aligned(shape, dtype)
        array.reshape(-1).view(np.uint8).fill(0xFF)
        return array

    def to_device(self, host: Any) -> HostArray:
        source = np.asarray(host)
        array = _aligned(source.shape, str(source.dtype))
        array[...] = source
        return array

    def to_host(self, x: HostArray) -> np.ndarray:
        return np.array(x)

    def copy(self, source: HostArray, target: HostArray) -> None:
        target[...] = source

    def address(self, x: HostArray) -> int:
        return int(x.ctypes.data)

    def in_order(self, x: HostArray) -> bool:
        return x.flags.c_contiguous

    def takes(self, x: HostArray) -> bool:
        return x.flags.c_contiguous

    def may_share_memory(self, a: HostArray, b: HostArray) -> bool:
        return np.may_share_memory(a, b)

    def owns(self, x: Any) -> bool:
        return isinstance(x, HostArray)

    def place(self, x: Any) -> str:
        return type(x).__qualname__

    def load(self, path: Path, defines: Mapping[str, str]) -> Path:
        return build_kernels(path, self.mode, defines)

    def function(self, plan: Plan) -> Any:
        if self.mode in ISOLATED:  # a sanitizer's library ends a process that loads it
            return None
        return getattr(ctypes.CDLL(str(plan.module)), f"xdl_run_{plan.name}")

    def launch(self, plan: Plan, parameters: int, arguments: tuple[Any, ...]) -> None:
        configuration = LaunchConfiguration(
            plan.grid, plan.block, plan.shared_bytes, plan.signature.cooperative, self.order
        )
        if self.mode in ISOLATED:
            run_isolated(self.mode, plan, bytes(configuration), arguments)
        elif plan.function(ctypes.c_void_p(parameters), ctypes.byref(configuration)):
            error = ctypes.CDLL(str(plan.module)).xdl_error
            error.restype = ctypes.c_char_p
            raise BackendError(plan.name, "a launch that ends well", error().decode())

    def concurrent_blocks(self, module: Path, kernel: str, threads: int, shared_bytes: int) -> int:  # noqa: ARG002
        return CONCURRENT_BLOCKS

    def gemm(self, a: HostArray, b: HostArray, out: HostArray, accumulate: bool = False) -> None:
        multiply(self, a, b, out, accumulate)

    def product(self, call: Product, a: int, b: int, out: int, tf32: bool) -> None:  # noqa: ARG002
        strided_batched(call, a, b, out)

    def synchronize(self) -> None:
        """Launches are done when `launch` returns."""


def type_codes(module: Path, kernel: str) -> str:
    """The C++ compiler's view of the kernel's parameters, one letter each (cuda_on_host.h: type_code)."""
    function = getattr(ctypes.CDLL(str(module)), f"xdl_types_{kernel}")
    function.restype = ctypes.c_char_p
    return str(function().decode())


def _aligned(shape: tuple[int, ...], dtype: str) -> HostArray:
    """An array at a multiple of 256 bytes, as a GPU's allocator places it."""
    kind = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    memory = np.empty(size + 256, np.uint8)
    start = -memory.ctypes.data % 256
    return memory[start : start + size].view(kind).reshape(shape).view(HostArray)
