"""Launching CUDA kernels: every launch is checked against the kernel's C signature before it runs.

    pool = load_kernels(device, "max_pool.cu", real="float32")
    pool.launch("max_pool_forward", grid, block, x, y, ...)

A `Device` is the little that the CUDA host code needs of a machine. Two exist: `CupyDevice` (device.py), a GPU
through CuPy, and `HostDevice` (backends/cuda_on_host/host_device.py), which runs the same .cu files on the CPU.

Checks look at shapes, dtypes and flags, never at values, so nothing waits for the device. `XDL_CUDA_SYNC=1` waits
after every launch, so that an error names the kernel that caused it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, Protocol

from xdl.backend import Array
from xdl.errors import BackendError, DtypeError, ShapeError, XdlError, nearest

from .signature import REALS, Parameter, Signature, read_signatures
from .sizes import LARGEST, check_size

FOLDER = Path(__file__).parent / "src"
MAX_GRID_YZ = 65535  # CUDA's limit for blocks along y and z
MAX_GRID_X = 2**31 - 1
INTEGER_RANGES = {
    "int32": (-(2**31), LARGEST),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar argument with the dtype of its C type."""

    dtype: str
    value: int | float


@dataclass(frozen=True, slots=True)
class Launch:
    """A checked launch: three numbers each for grid and block; arguments are arrays, Scalars or None."""

    grid: tuple[int, int, int]
    block: tuple[int, int, int]
    arguments: tuple[Any, ...]
    shared_bytes: int
    cooperative: bool


class Device(Protocol):
    """A machine that runs kernels.

    shared_limit: bytes of shared memory that a block can have
    tensor_cores: whether it has those for TF32 and copies to shared memory in the background: from sm_80 on
    """

    name: str
    shared_limit: int
    tensor_cores: bool

    def __hash__(self) -> int:
        """Devices are compared by identity; their kernels are loaded once."""

    def empty(self, shape: tuple[int, ...], dtype: str) -> Array:
        """An uninitialised array in C order."""

    def to_device(self, host: Any) -> Array:
        """A copy of a NumPy array, in C order."""

    def to_host(self, x: Array) -> Any:
        """The values of an array as a NumPy array."""

    def copy(self, source: Array, target: Array) -> None:
        """Copies between two arrays of one shape."""

    def address(self, x: Array) -> int:
        """Where the array begins in the device's memory."""

    def may_share_memory(self, a: Array, b: Array) -> bool:
        """Whether the ranges of bytes of two arrays overlap."""

    def owns(self, x: Any) -> bool:
        """Whether x is an array of this device."""

    def load(self, path: Path, defines: Mapping[str, str]) -> Any:
        """The compiled file, for `launch` and `concurrent_blocks`."""

    def launch(self, module: Any, kernel: str, launch: Launch) -> None:
        """Queues a launch."""

    def concurrent_blocks(self, module: Any, kernel: str, threads: int, shared_bytes: int) -> int:
        """How many blocks of that size the device runs at the same time."""

    def gemm(self, a: Array, b: Array, out: Array, accumulate: bool = False) -> None:
        """out = a @ b, or out += a @ b. Stacks of matrices broadcast; a and b may be transposed views."""

    def synchronize(self) -> None:
        """Waits until all queued work is done."""


class Kernels:
    """The kernels of one .cu file, compiled for a device.

    real: the dtype of the file's type `real`, "float32" or "float64"
    defines: further -D definitions by which the file is specialised
    """

    def __init__(
        self, device: Device, name: str, *, real: str = "float32", defines: Mapping[str, int | str] | None = None
    ) -> None:
        if real not in REALS:
            raise DtypeError(name, "float32 or float64", real)
        self.device = device
        self.path = FOLDER / name if not Path(name).is_absolute() else Path(name)
        self.signatures = read_signatures(self.path, real)
        macros = {"REAL": REALS[real], **{key: str(value) for key, value in (defines or {}).items()}}
        self.module = device.load(self.path, macros)

    def launch(
        self, name: str, grid: Sequence[int], block: Sequence[int], *arguments: Any, shared_bytes: int = 0
    ) -> None:
        """Checks the arguments against the C signature and queues the kernel.

        Raises BackendError for an unknown kernel, a wrong number of arguments, an array of another device or a
        cooperative grid that does not fit; DtypeError and ShapeError for arguments, grids and blocks that do not fit.
        """
        if name not in self.signatures:
            raise BackendError(self.path.name, "a kernel of this file", repr(name), nearest(name, self.signatures))
        signature = self.signatures[name]
        expected = len(signature.parameters)
        if len(arguments) != expected:
            raise BackendError(name, f"{expected} arguments", f"{len(arguments)}")
        checked = tuple(
            self._argument(name, parameter, argument)
            for parameter, argument in zip(signature.parameters, arguments, strict=True)
        )
        launch = Launch(_three(name, grid), _three(name, block), checked, shared_bytes, signature.cooperative)
        self._check_size(signature, launch)
        self.device.launch(self.module, name, launch)
        if os.environ.get("XDL_CUDA_SYNC") == "1":
            self._synchronize(name)

    def _argument(self, kernel: str, parameter: Parameter, argument: Any) -> Any:
        what = f"argument {parameter.name}"
        if not parameter.pointer:
            return _scalar(kernel, what, parameter.dtype, argument)
        if argument is None and parameter.nullable:
            return None
        if not self.device.owns(argument):
            raise BackendError(kernel, f"{what} as an array of {self.device.name}", type(argument).__qualname__)
        if str(argument.dtype) != parameter.dtype:
            raise DtypeError(kernel, f"{what} of dtype {parameter.dtype}", argument.dtype)
        if not argument.flags.c_contiguous:
            raise ShapeError(kernel, f"{what} in C order", f"strides {argument.strides} for shape {argument.shape}")
        return argument

    def _check_size(self, signature: Signature, launch: Launch) -> None:
        name, threads = signature.name, prod(launch.block)
        if launch.grid[0] > MAX_GRID_X or max(launch.grid[1:]) > MAX_GRID_YZ:
            raise ShapeError(
                name, f"a grid of at most {MAX_GRID_X} x {MAX_GRID_YZ} x {MAX_GRID_YZ} blocks", launch.grid
            )
        if signature.max_threads and threads > signature.max_threads:
            raise ShapeError(name, f"at most {signature.max_threads} threads a block (its launch bounds)", threads)
        if signature.dynamic_shared != (launch.shared_bytes > 0):
            wanted = "dynamic shared memory" if signature.dynamic_shared else "no dynamic shared memory"
            raise ShapeError(name, wanted, f"{launch.shared_bytes} bytes")
        if launch.shared_bytes > self.device.shared_limit:
            limit = f"at most {self.device.shared_limit} bytes of shared memory on {self.device.name}"
            raise ShapeError(name, limit, launch.shared_bytes)
        if signature.cooperative:
            room = self.device.concurrent_blocks(self.module, name, threads, launch.shared_bytes)
            if prod(launch.grid) > room:
                raise BackendError(
                    name, f"a cooperative grid of at most {room} blocks", prod(launch.grid), "Take the fallback."
                )

    def _synchronize(self, name: str) -> None:
        try:
            self.device.synchronize()
        except XdlError:
            raise
        except Exception as error:
            raise BackendError(name, "a launch that ends well", f"{type(error).__name__}: {error}") from error


def _three(kernel: str, sizes: Sequence[int]) -> tuple[int, int, int]:
    filled = (*sizes, 1, 1, 1)[:3]
    if not 1 <= len(sizes) <= 3 or min(filled) < 1:
        raise ShapeError(kernel, "one to three positive sizes for grid and block", tuple(sizes))
    return filled[0], filled[1], filled[2]


def _scalar(kernel: str, what: str, dtype: str, value: Any) -> Scalar:
    if dtype in INTEGER_RANGES:
        low, high = INTEGER_RANGES[dtype]
        if isinstance(value, bool) or not isinstance(value, int):
            raise DtypeError(kernel, f"{what} as a Python int", type(value).__qualname__)
        if not low <= value <= high:
            raise ShapeError(kernel, f"{what} in the range of {dtype}", value)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise DtypeError(kernel, f"{what} as a Python float", type(value).__qualname__)
    return Scalar(dtype, value)


@cache
def load_kernels(device: Device, name: str, real: str = "float32", **defines: int | str) -> Kernels:
    """The kernels of one of xdl's .cu files, loaded once per device, dtype and definitions."""
    return Kernels(device, name, real=real, defines=defines)


def grid_size(count: int, limit: int = MAX_GRID_YZ) -> int:
    """A grid dimension for `count` items that a kernel walks in strides of the grid."""
    return max(1, min(count, limit))


def blocks_for(count: int, per_block: int) -> int:
    """Blocks that cover `count` items: the quotient rounded up, at least 1."""
    return max(1, -(-count // per_block))


def launch_planes(
    device: Device, source: str, name: str, target: Array, arrays: tuple[Array, ...], numbers: tuple[int, ...]
) -> None:
    """Launches a kernel whose threads own the elements of a plane of target [N, C, H, W]: grid x over H * W, grid y
    over the N * C planes. Its arguments are the arrays, the number of planes, and the numbers. No elements, no launch.
    """
    planes, elements = prod(target.shape[:2]), prod(target.shape[2:])
    check_size(name, "elements in a plane", elements)
    if planes * elements:
        threads = min(256, 32 * blocks_for(elements, 32))
        grid = (blocks_for(elements, threads), grid_size(planes))
        load_kernels(device, source, str(target.dtype)).launch(name, grid, (threads,), *arrays, planes, *numbers)
