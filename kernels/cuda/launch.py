"""Launching CUDA kernels: every launch is checked against the kernel's C signature before it runs.

    pool = load_kernels(device, "max_pool.cu", real="float32")
    pool.launch("max_pool_forward", grid, block, x, y, ...)

A `Device` is the little that the CUDA host code needs of a machine. Two exist: `CupyDevice` (device.py), a GPU
through CuPy, and `HostDevice` (backends/cuda_on_host/host_device.py), which runs the same .cu files on the CPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, Protocol

from xdl.backend import Array, dtype_name
from xdl.errors import BackendError, DtypeError, nearest

from .plan import Plan
from .signature import REALS, read_signatures
from .sizes import MAX_GRID_YZ, check_size

FOLDER = Path(__file__).parent / "src"  # headers that several folders in it include
SOURCES = {path.name: path for path in sorted(FOLDER.glob("*/*.cu"))}
PLANS = 4096  # that the kernels of a file keep


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

    def in_order(self, x: Array) -> bool:
        """Whether x is in C order."""

    def takes(self, x: Array) -> bool:
        """Whether a kernel can get x, an array of this kind: one of this device, in C order."""

    def may_share_memory(self, a: Array, b: Array) -> bool:
        """Whether the ranges of bytes of two arrays overlap."""

    def owns(self, x: Any) -> bool:
        """Whether x is an array of this device."""

    def place(self, x: Any) -> str:
        """Where x lives, in words, for errors."""

    def load(self, path: Path, defines: Mapping[str, str]) -> Any:
        """The compiled file, for `launch` and `concurrent_blocks`."""

    def function(self, plan: Plan) -> Any:
        """The plan's kernel, ready for its shared memory; `launch` finds it in plan.function."""

    def launch(self, plan: Plan, parameters: int, arguments: tuple[Any, ...]) -> None:
        """Queues a launch. parameters: the address of an array with a pointer to each packed argument."""

    def concurrent_blocks(self, module: Any, kernel: str, threads: int, shared_bytes: int) -> int:
        """How many blocks of that size the device runs at the same time."""

    def gemm(self, a: Array, b: Array, out: Array, accumulate: bool = False) -> None:
        """out = a @ b, or out += a @ b. Stacks of matrices broadcast; a and b may be transposed views."""

    def synchronize(self) -> None:
        """Waits until all queued work is done."""


class Kernels:
    """The kernels of one .cu file, compiled for a device.

    name: of one of xdl's own, or the path of another
    real: the dtype of the file's type `real`, "float32" or "float64"
    defines: further -D definitions by which the file is specialised
    """

    def __init__(
        self, device: Device, name: str, *, real: str = "float32", defines: Mapping[str, int | str] | None = None
    ) -> None:
        if real not in REALS:
            raise DtypeError(name, "float32 or float64", real)
        self.device = device
        self.path = SOURCES.get(name) or Path(name)
        self.signatures = read_signatures(self.path, real)
        macros = {"REAL": REALS[real], **{key: str(value) for key, value in (defines or {}).items()}}
        self.module = device.load(self.path, macros)
        self._plans: dict[tuple[Any, ...], Plan] = {}

    def launch(
        self, name: str, grid: tuple[int, ...], block: tuple[int, ...], *arguments: Any, shared_bytes: int = 0
    ) -> None:
        """Checks the arguments against the C signature and queues the kernel, by a plan for its grid.

        Raises BackendError for an unknown kernel; for the rest see `Plan`.
        """
        key = (name, grid, block, shared_bytes)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plan(*key)
        plan.launch(arguments)

    def _plan(self, name: str, grid: tuple[int, ...], block: tuple[int, ...], shared_bytes: int) -> Plan:
        if name not in self.signatures:
            raise BackendError(self.path.name, "a kernel of this file", repr(name), nearest(name, self.signatures))
        plan = Plan(self.device, self.module, self.signatures[name], grid, block, shared_bytes)
        if len(self._plans) >= PLANS:
            self._plans.clear()
        self._plans[name, grid, block, shared_bytes] = plan
        return plan


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
    device: Device, source: str, name: str, target: Array, arrays: tuple[Array | None, ...], numbers: tuple[float, ...]
) -> None:
    """Launches a kernel whose threads own the elements of a plane of target [N, C, H, W]: grid x over H * W, grid y
    over the N * C planes. Its arguments are the arrays, the number of planes, and the numbers. No elements, no launch.
    """
    planes, elements = prod(target.shape[:2]), prod(target.shape[2:])
    check_size(name, "planes", planes)
    check_size(name, "elements in a plane", elements)
    if planes * elements:
        threads = min(256, 32 * blocks_for(elements, 32))
        grid = (blocks_for(elements, threads), grid_size(planes))
        load_kernels(device, source, dtype_name(target)).launch(name, grid, (threads,), *arrays, planes, *numbers)
