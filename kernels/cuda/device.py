"""The GPU that CuPy uses, as a device for CUDA kernels."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xdl import observe
from xdl.backend import Array
from xdl.errors import BackendError

from .compile import CompiledCache
from .nvrtc_library import refused
from .plan import Plan
from .products.gemm import Product, multiply

DATA_TYPES = {"float32": 0, "float64": 1}  # cudaDataType_t
COMPUTE_TYPES = {  # cublasComputeType_t of a dtype, with TF32 allowed or not
    ("float32", False): 68,
    ("float32", True): 77,
    ("float64", False): 70,
    ("float64", True): 70,
}
C_TYPES = {"float32": ctypes.c_float, "float64": ctypes.c_double}
_FACTORS = {(dtype, i): kind(i) for dtype, kind in C_TYPES.items() for i in (0, 1)}  # in the host's memory, for cuBLAS
FACTORS = {key: ctypes.addressof(factor) for key, factor in _FACTORS.items()}
NO_PRODUCTS = (
    "CuPy refuses cuBLAS during capture, and xdl has no binding of its own to it yet: call the step itself, or capture "
    "the parts without linear layers, convolutions and recurrent layers"
)
FREE_SHARED_BYTES = 48 << 10  # of dynamic shared memory, which every kernel may have without asking


class CupyDevice:
    """The GPU that CuPy uses. Kernels are compiled by NVRTC to cubins, kept in xdl's own cache."""

    def __init__(self) -> None:
        import cupy

        self.cupy = cupy
        self.cublas = cupy.cuda.cublas
        self.driver = cupy.cuda.driver
        device = cupy.cuda.Device()
        properties = cupy.cuda.runtime.getDeviceProperties(device.id)
        self.name, self.index = "cupy", device.id
        self._current = cupy.cuda.runtime.getDevice
        self.shared_limit = properties["sharedMemPerBlockOptin"]
        self.tensor_cores = int(device.compute_capability) >= 80
        self.multiprocessors = properties["multiProcessorCount"]
        self.compiled = CompiledCache(f"sm_{device.compute_capability}")
        self._modules: dict[bytes, Any] = {}

    def enter(self) -> None:
        """Makes the card the current one of this thread. Each thread has its own, card 0 at first."""
        if self._current() != self.index:
            self.cupy.cuda.Device(self.index).use()

    def empty(self, shape: tuple[int, ...], dtype: str) -> Array:
        self.enter()
        return self.cupy.empty(shape, dtype)

    def to_device(self, host: Any) -> Array:
        self.enter()
        return self.cupy.array(host, order="C")

    def to_host(self, x: Array) -> Any:
        return self.cupy.asnumpy(x)

    def copy(self, source: Array, target: Array) -> None:
        target[...] = source

    def address(self, x: Array) -> int:
        return int(x.data.ptr)

    def in_order(self, x: Array) -> bool:
        return bool(x._c_contiguous)  # x.flags makes an object at every look

    def takes(self, x: Array) -> bool:
        return bool(x._c_contiguous) and x.data.device_id == self.index

    def may_share_memory(self, a: Array, b: Array) -> bool:
        return bool(self.cupy.may_share_memory(a, b))

    def owns(self, x: Any) -> bool:
        return isinstance(x, self.cupy.ndarray) and x.data.device_id == self.index

    def place(self, x: Any) -> str:
        """Where x lives, in words, for errors."""
        if not isinstance(x, self.cupy.ndarray):
            return type(x).__qualname__
        return f'one of cuda:{x.data.device_id} (kernels run on cuda:{self.index}: move it there, or xdl.use("cupy:N"))'

    def load(self, path: Path, defines: Mapping[str, str]) -> Any:
        cubin = self.compiled.cubin(path, defines)
        if cubin not in self._modules:
            self.enter()
            module = self.cupy.cuda.function.Module()
            try:
                module.load(cubin)
            except self.driver.CUDADriverError as error:
                driver = self.cupy.cuda.runtime.driverGetVersion()
                raise refused(path.name, error, self.compiled.nvrtc.version, driver) from error
            self._modules[cubin] = module
        return self._modules[cubin]

    def function(self, plan: Plan) -> Any:
        return self._function(plan.module, plan.name, plan.shared_bytes)

    def launch(self, plan: Plan, parameters: int, arguments: tuple[Any, ...]) -> None:  # noqa: ARG002
        self.enter()
        stream = self.cupy.cuda.get_current_stream().ptr
        where = (plan.function.ptr, *plan.grid, *plan.block, plan.shared_bytes, stream, parameters)
        if plan.signature.cooperative:
            self.driver.launchCooperativeKernel(*where)
        else:
            self.driver.launchKernel(*where, 0)

    def concurrent_blocks(self, module: Any, kernel: str, threads: int, shared_bytes: int) -> int:
        function = self._function(module, kernel, shared_bytes)
        per_multiprocessor = self.driver.occupancyMaxActiveBlocksPerMultiprocessor(function.ptr, threads, shared_bytes)
        return int(per_multiprocessor) * int(self.multiprocessors)

    def _function(self, module: Any, kernel: str, shared_bytes: int) -> Any:
        function = module.get_function(kernel)
        if shared_bytes > FREE_SHARED_BYTES:
            self.driver.funcSetAttribute(
                function.ptr, self.driver.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared_bytes
            )
        return function

    def gemm(self, a: Array, b: Array, out: Array, accumulate: bool = False) -> None:
        multiply(self, a, b, out, accumulate)

    def product(self, call: Product, a: int, b: int, out: int, tf32: bool) -> None:
        if (watching := observe.launches) is not None:
            sizes = f"one of [{call.m}, {call.k}] and [{call.k}, {call.n}]"
            watching.refused(BackendError("capture", "a step without products of matrices", sizes, NO_PRODUCTS))
        dtype, (turned_a, turned_b), (rows_a, rows_b, rows_out) = DATA_TYPES[call.dtype], call.transposed, call.rows
        stride_a, stride_b, stride_out = call.strides
        one, scale = FACTORS[call.dtype, 1], FACTORS[call.dtype, int(call.accumulate)]
        self.cublas.gemmStridedBatchedEx(
            self.cupy.cuda.device.get_cublas_handle(), turned_b, turned_a, call.n, call.m, call.k,
            one, b, dtype, rows_b, stride_b, a, dtype, rows_a, stride_a,
            scale, out, dtype, rows_out, stride_out, call.batch, COMPUTE_TYPES[call.dtype, tf32], -1,
        )  # fmt: skip

    def synchronize(self) -> None:
        self.cupy.cuda.get_current_stream().synchronize()
