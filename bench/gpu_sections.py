"""The sections of gpu_report.py that check: `python gpu_sections.py NAME [--dry-run]` prints a JSON object a row.

A row has "ok": false where something is wrong. Times are in gpu_timings.py and gpu_steps.py.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import gpu_steps
import gpu_timings
import numpy as np

from tests.cuda_on_host.cases.families import FAMILIES
from xdl import backend
from xdl.errors import BackendError
from xdl.kernels.cuda.launch import Device
from xdl.report import parity

Rows = Iterator[dict[str, Any]]
PACKAGES = ("numpy", "cupy-cuda12x", "cupy-cuda13x", "torch", "triton", "nvidia-cuda-nvrtc", "nvidia-cuda-nvrtc-cu12")
SMI = "name,driver_version,clocks.sm,clocks.mem,clocks.max.sm,clocks.max.mem,power.draw,power.limit,temperature.gpu"
SLOT_BOUNDS = {"float32": 2e-6, "float64": 1e-12}
SANITIZERS = ("memcheck", "racecheck", "synccheck")
NOT_NEEDED = "without it: no comparison"


class WatchedDevice:
    """A device whose new arrays are full of NaN, and which keeps a digest of everything that comes to the host."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.digests: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._device, name)

    def empty(self, shape: tuple[int, ...], dtype: str) -> Any:
        """An element that no thread writes stays NaN (integers: -1)."""
        array = self._device.empty(shape, dtype)
        array.reshape(-1).view("uint8")[...] = 255
        return array

    def to_host(self, x: Any) -> np.ndarray:
        """The values, noted."""
        values = self._device.to_host(x)
        self.digests.append(hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest())
        return values


def environment(dry_run: bool) -> Rows:
    """Machine, driver and packages; fails with what to do where the GPU cannot be used."""
    yield {"name": "machine", "python": platform.python_version(), "system": platform.platform()}
    for package in PACKAGES:
        try:
            yield {"name": package, "version": version(package)}
        except PackageNotFoundError:
            yield {"name": package, "version": "not installed"}
    if dry_run:
        yield {"name": "backend", "state": type(backend.use("cuda-on-host")).__name__}
        return
    if shutil.which("nvidia-smi"):
        done = subprocess.run(["nvidia-smi", f"--query-gpu={SMI}", "--format=csv"], capture_output=True, text=True)
        yield {"name": "nvidia-smi", "output": done.stdout.strip()}
    try:
        gpu = backend.use("cupy")
    except BackendError as error:
        yield {"name": "cupy", "ok": False, "state": str(error)}
        return
    runtime: Any = import_module("cupy").cuda.runtime
    properties = runtime.getDeviceProperties(0)
    yield {
        "name": "device",
        "gpu": properties["name"].decode(),
        "compute": f"{properties['major']}.{properties['minor']}",
        "multiprocessors": properties["multiProcessorCount"],
        "memory_bytes": properties["totalGlobalMem"],
        "l2_bytes": properties["l2CacheSize"],
        "driver_cuda": runtime.driverGetVersion(),
        "runtime_cuda": runtime.runtimeGetVersion(),
        "nvrtc": list(gpu.device.compiled.nvrtc.version),
    }
    yield _torch_state()


def _torch_state() -> dict[str, Any]:
    try:
        torch: Any = import_module("torch")
    except ImportError as error:
        return {"name": "PyTorch", "state": f"{error}; {NOT_NEEDED}"}
    usable = torch.cuda.is_available()
    state = "usable" if usable else f"built for CUDA {torch.version.cuda}, sees no GPU; {NOT_NEEDED}"
    return {"name": "PyTorch", "state": state, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}


def kernels(dry_run: bool) -> Rows:
    """The instructions that the harness emulates, then every kernel family, with outputs full of NaN before."""
    device = gpu_timings.device(dry_run)
    for family, (case, reals) in FAMILIES.items():
        for real in reals:
            for check in case(WatchedDevice(device), real, dry_run):
                good = check.error <= check.tolerance
                error = check.error if np.isfinite(check.error) else "infinite or NaN"
                row = {"ok": bool(good), "error": error, "tolerance": check.tolerance}
                yield {"name": f"{family} {real} {check.name}", **row}


def determinism(dry_run: bool) -> Rows:
    """Every kernel family twice: all results equal, bit for bit."""
    device = gpu_timings.device(dry_run)
    for family, (case, reals) in FAMILIES.items():
        for real in reals:
            runs = []
            for _ in range(2):
                watched = WatchedDevice(device)
                list(case(watched, real, dry_run))
                runs.append(watched.digests)
            equal = sum(first == second for first, second in zip(*runs, strict=True))
            good = equal == len(runs[0]) > 0
            yield {"name": f"{family} {real}", "ok": good, "results": len(runs[0]), "equal": equal}


def slots(dry_run: bool) -> Rows:
    """Every slot against its float64 reference, through tensors and the tape."""
    name = "cuda-on-host" if dry_run else "cupy"
    for row in parity.measure([name], repeats=1 if dry_run else 5):
        worst = max(row.forward, row.backward or 0.0)
        yield {
            "name": f"{row.slot} {row.dtype}",
            "ok": bool(worst <= SLOT_BOUNDS[row.dtype]),
            "version": row.version,
            "forward": row.forward,
            "backward": row.backward,
            "seconds": row.seconds,
        }


def sanitizer(dry_run: bool) -> Rows:
    """The kernel families, small, under NVIDIA's compute-sanitizer."""
    program = shutil.which("compute-sanitizer")
    if program is None:
        yield {"name": "compute-sanitizer", "state": "not installed"}
        return
    for tool in SANITIZERS:
        command = [program, "--tool", tool, "--error-exitcode", "9", sys.executable, __file__, "small-kernels"]
        done = subprocess.run(command, capture_output=True, text=True)
        yield {"name": tool, "ok": done.returncode == 0, "output": (done.stdout + done.stderr)[-1500:]}


def small_kernels(dry_run: bool) -> Rows:
    """What the sanitizers look at."""
    for family, (case, reals) in FAMILIES.items():
        checks = list(case(gpu_timings.device(dry_run), reals[0], True))
        yield {"name": family, "ok": all(check.error <= check.tolerance for check in checks)}


SECTIONS: dict[str, Callable[[bool], Rows]] = {
    "environment": environment,
    "compilation": gpu_steps.compilation,
    "kernels": kernels,
    "slots": slots,
    "determinism": determinism,
    "ceilings": gpu_steps.ceilings,
    "lstm": gpu_timings.lstm,
    "convolution": gpu_timings.convolution,
    "functions": gpu_steps.functions,
    "steps": gpu_steps.steps,
    "launches": gpu_steps.launches,
    "compiled": gpu_steps.compiled,
    "sanitizer": sanitizer,
    "small-kernels": small_kernels,
}


def main(name: str, dry_run: bool) -> None:
    """Prints the rows of a section, each as soon as it is there."""
    for row in SECTIONS[name](dry_run):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], "--dry-run" in sys.argv)
