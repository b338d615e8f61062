"""A device with more memory than any machine: arrays are address space, and what nobody touches takes nothing.

Launches are recorded instead of run, unless `runs`: then kernels that touch few pages of huge arrays do run.
"""

from __future__ import annotations

import mmap
from math import prod
from typing import Any

import numpy as np

from xdl.backends.cuda_on_host.host_device import HostArray, HostDevice
from xdl.kernels.cuda.plan import Plan
from xdl.kernels.cuda.products.gemm import Product

NO_RESERVE = 0x4000  # MAP_NORESERVE of Linux


class VirtualDevice(HostDevice):
    """launches: the kernels' names; made: bytes of each array made; products: the calls of the BLAS."""

    def __init__(self, runs: bool = False) -> None:
        super().__init__()
        self.runs = runs
        self.launches: list[str] = []
        self.made: list[int] = []
        self.products: list[Product] = []

    def empty(self, shape: tuple[int, ...], dtype: str) -> HostArray:
        """Zeros where nobody has written."""
        size = prod(shape) * np.dtype(dtype).itemsize
        self.made.append(size)
        memory = mmap.mmap(-1, max(size, 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NO_RESERVE)
        return np.frombuffer(memory, dtype, prod(shape)).reshape(shape).view(HostArray)

    def launch(self, plan: Plan, parameters: int, arguments: tuple[Any, ...]) -> None:
        self.launches.append(plan.name)
        if self.runs:
            super().launch(plan, parameters, arguments)

    def product(self, call: Product, a: int, b: int, out: int, tf32: bool) -> None:
        self.products.append(call)
        if self.runs:
            super().product(call, a, b, out, tf32)
