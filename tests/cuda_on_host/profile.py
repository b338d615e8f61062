"""Memory transactions of a kernel as a GPU would count them, by source line (harness/profiler.cpp)."""

from __future__ import annotations

import ctypes
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xdl.backends.cuda_on_host.host_device import HostDevice
from xdl.kernels.cuda.plan import Plan

CAPACITY = 4096
FIELDS = 7  # of Totals in profiler.cpp


@dataclass(slots=True)
class Traffic:
    """One line's accesses in one direction to one memory. units: 32-byte sectors (global) or passes over the banks
    (shared); ideal: how few would do for the same bytes."""

    kernel: str
    line: str
    memory: str
    write: bool
    requests: int = 0
    bytes: int = 0
    units: int = 0
    ideal: int = 0

    @property
    def efficiency(self) -> float:
        return self.ideal / self.units


class ProfilingDevice(HostDevice):
    """A host device that profiles every launch. Results are in `traffic`."""

    def __init__(self) -> None:
        super().__init__("profile")
        self.traffic: list[Traffic] = []

    def launch(self, plan: Plan, parameters: int, arguments: tuple[Any, ...]) -> None:
        library = ctypes.CDLL(str(plan.module))
        arrays = [argument for argument in arguments if isinstance(argument, np.ndarray)]
        numbers = ctypes.c_uint64 * len(arrays)
        begin, sizes = numbers(*(a.ctypes.data for a in arrays)), numbers(*(a.nbytes for a in arrays))
        library.xdl_profile_start(len(arrays), begin, sizes)
        super().launch(plan, parameters, arguments)
        rows = (ctypes.c_uint64 * FIELDS * CAPACITY)()
        count = library.xdl_profile_stop(rows, CAPACITY)
        assert count <= CAPACITY
        self.traffic += _by_line(plan.module, plan.name, np.array(rows[:count], np.uint64).reshape(count, FIELDS))


def profile(case: Callable[[HostDevice], Any]) -> list[Traffic]:
    """Runs a case on a profiling device."""
    device = ProfilingDevice()
    case(device)
    return device.traffic


def _by_line(module: Path, kernel: str, rows: np.ndarray) -> list[Traffic]:
    """Adds up the instructions of a line; drops those of the harness itself."""
    lines: dict[tuple[str, str, bool], Traffic] = {}
    for row, frames in zip(rows.tolist(), _source_frames(module, rows[:, 0].tolist()), strict=True):
        line = next((frame for frame in frames if re.search(r"\.cuh?:", frame)), None)
        _, shared, write, *counts = row
        memory = "shared" if shared else "global"
        if line is None or (shared and _is_bookkeeping(frames[0])):
            continue
        total = lines.setdefault((line, memory, bool(write)), Traffic(kernel, line, memory, bool(write)))
        for field, count in zip(("requests", "bytes", "units", "ideal"), counts, strict=True):
            setattr(total, field, getattr(total, field) + count)
    return list(lines.values())


def _source_frames(module: Path, instructions: list[int]) -> list[list[str]]:
    """For each instruction, "file:line" of where it stands and of what that was inlined into."""
    maps = Path("/proc/self/maps").read_text().splitlines()
    base = min(int(line.partition("-")[0], 16) for line in maps if str(module) in line)
    addresses = [hex(instruction - base - 1) for instruction in instructions]
    command = ["addr2line", "-a", "-i", "-e", str(module), *addresses]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    blocks = text.split("0x")[1:]
    return [[Path(frame.partition(" ")[0]).name for frame in block.splitlines()[1:]] for block in blocks]


def _is_bookkeeping(frame: str) -> bool:
    """Whether the harness accessed its own memory; its emulated copies and ldmatrix act for the kernel."""
    return frame.startswith(("cuda_on_host.h", "waiting"))
