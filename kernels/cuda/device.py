"""The GPU that CuPy uses, as a device for CUDA kernels."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xdl.backend import Array

from .compile import CompiledCache
from .launch import Launch, Scalar
from .nvrtc_library import refused

FREE_SHARED_BYTES = 48 << 10  # of dynamic shared memory, which every kernel may have without asking


class CupyDevice:
    """The GPU that CuPy uses. Kernels are compiled by NVRTC to cubins, kept in xdl's own cache."""

    def __init__(self) -> None:
        import cupy
        from cupy import cublas

        self.cupy = cupy
        self.cublas = cublas
        self.driver = cupy.cuda.driver
        device = cupy.cuda.Device()
        properties = cupy.cuda.runtime.getDeviceProperties(device.id)
        self.name = "cupy"
        self.index = device.id
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

    def launch(self, module: Any, kernel: str, launch: Launch) -> None:
        self.enter()
        function = self._function(module, kernel, launch.shared_bytes)
        arguments = tuple(
            getattr(self.cupy, argument.dtype)(argument.value) if isinstance(argument, Scalar) else argument
            for argument in launch.arguments
        )
        with warnings.catch_warnings():
            if launch.cooperative:
                warnings.simplefilter("error")  # CuPy would shrink a grid that does not fit, and only warn
            function(
                launch.grid,
                launch.block,
                arguments,
                shared_mem=launch.shared_bytes,
                enable_cooperative_groups=launch.cooperative,
            )

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
        if accumulate and out.ndim == 2:
            self.cublas.gemm("N", "N", a, b, out=out, beta=1.0)
        elif accumulate:
            out += self.cupy.matmul(a, b)
        else:
            self.cupy.matmul(a, b, out=out)

    def synchronize(self) -> None:
        self.cupy.cuda.get_current_stream().synchronize()
