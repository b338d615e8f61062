"""A device with more memory than any machine: arrays are address space, and what nobody touches takes nothing.

Launches are recorded instead of run, unless `runs`: then kernels that touch few pages of huge arrays do run.
"""

from __future__ import annotations

import mmap
from math import prod
from pathlib import Path

import numpy as np

from xdl.backends.cuda_on_host.host_device import HostArray, HostDevice
from xdl.kernels.cuda.launch import Launch

NO_RESERVE = 0x4000  # MAP_NORESERVE of Linux


class VirtualDevice(HostDevice):
    """launches: name and Launch of each; made: bytes of each array made; products: shapes of each product."""

    def __init__(self, runs: bool = False) -> None:
        super().__init__()
        self.runs = runs
        self.launches: list[tuple[str, Launch]] = []
        self.made: list[int] = []
        self.products: list[tuple[tuple[int, ...], ...]] = []

    def empty(self, shape: tuple[int, ...], dtype: str) -> HostArray:
        """Zeros where nobody has written."""
        size = prod(shape) * np.dtype(dtype).itemsize
        self.made.append(size)
        memory = mmap.mmap(-1, max(size, 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NO_RESERVE)
        return np.frombuffer(memory, dtype, prod(shape)).reshape(shape).view(HostArray)

    def launch(self, module: Path, kernel: str, launch: Launch) -> None:
        self.launches.append((kernel, launch))
        if self.runs:
            super().launch(module, kernel, launch)

    def gemm(self, a: HostArray, b: HostArray, out: HostArray, accumulate: bool = False) -> None:
        self.products.append((a.shape, b.shape, out.shape))
        if self.runs:
            super().gemm(a, b, out, accumulate)
