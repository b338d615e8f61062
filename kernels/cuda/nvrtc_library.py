"""Where the NVRTC library is: the CUDA compiler of the same generation as the CuPy that is loaded.

    place                        folders in it (Linux; Windows)
    the wheels of NVIDIA         nvidia/cu13/lib, nvidia/cuda_nvrtc/lib; nvidia/cu13/bin/x86_64, nvidia/cuda_nvrtc/bin
    conda, $CONDA_PREFIX         lib, targets/*/lib; Library/bin, Library/bin/x64
    the system's loader          ld.so.conf and LD_LIBRARY_PATH; PATH
    $CUDA_PATH, $CUDA_HOME       lib64, lib, targets/*/lib; bin/x64, bin
    /usr/local/cuda, cuda-*      the same

They are searched in this order, which is that of the package cuda-pathfinder, with which CuPy finds its libraries. It
is not used: it takes the newest generation that it meets, 13 before 12, whichever CuPy was built for, and xdl compiles
kernels without CuPy too. A library that is loaded here is found by CuPy as well, because it asks for it by name.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xdl.errors import BackendError

NAMES = {  # of the library, by generation of CUDA; the newest first
    13: ("libnvrtc.so.13", "nvrtc64_130_0.dll"),
    12: ("libnvrtc.so.12", "nvrtc64_120_0.dll"),
}
WHEELS = {13: "nvidia-cuda-nvrtc", 12: "nvidia-cuda-nvrtc-cu12"}
TOO_NEW = (200, 209, 218, 222)  # CUresult: invalid image, no binary for the card, invalid and unsupported PTX
WINDOWS = sys.platform == "win32"
TOOLKIT = ("bin/x64", "bin") if WINDOWS else ("lib64", "lib", "targets/*/lib")
CONDA = ("Library/bin", "Library/bin/x64") if WINDOWS else ("lib", "targets/*/lib")
SYSTEM = Path("/usr/local")


@dataclass(frozen=True, slots=True)
class Found:
    """A library: what its loader takes (a path, or a name that the system's loader knows), and where that is."""

    path: str
    where: str


def cupy_generation() -> int | None:
    """The generation of CUDA that the loaded CuPy was built for, 12 or 13; None while no CuPy is loaded."""
    cupy: Any = sys.modules.get("cupy")
    return int(cupy.cuda.runtime.runtimeGetVersion()) // 1000 if cupy is not None else None


def find_library(generation: int | None = None) -> Found:
    """NVRTC of that generation; of the newest one that is there for None.

    Raises BackendError with the line that installs it where there is none, or none of that generation.
    """
    wanted = tuple(NAMES) if generation is None else (generation,)
    for number in wanted:
        for found in _candidates(_names(number)):
            return found
    raise _missing(generation)


def load_library(generation: int | None = None) -> tuple[ctypes.CDLL, Found]:
    """The library, loaded, and where it was. Raises BackendError as `find_library`, and where it does not load."""
    found = find_library(generation)
    folder = Path(found.path).parent
    if sys.platform == "win32" and folder.is_absolute():  # NVRTC loads a second library from there
        os.add_dll_directory(str(folder))
    try:
        return ctypes.CDLL(found.path), found
    except OSError as error:
        hint = f"Reinstall it: {install_line(generation)}"
        raise BackendError("CUDA compiler", f"an NVRTC library that loads ({found.where})", error, hint) from error


def install_line(generation: int | None) -> str:
    """What to type for NVRTC of that generation; of both for None."""
    if generation in WHEELS:
        return f"pip install {WHEELS[generation]}"
    return " or ".join(f"`pip install {wheel}` for CUDA {number}" for number, wheel in WHEELS.items())


def refused(kernel: str, error: Any, version: tuple[int, int], driver: int) -> BackendError:
    """The error for a compiled file that the driver does not load. version: of NVRTC; driver: 12080 is CUDA 12.8."""
    major, minor = driver // 1000, driver % 1000 // 10
    if error.status not in TOO_NEW or version <= (major, minor):
        return BackendError(f"loading {kernel}", "a driver that takes it", error, "Run nvidia-smi: it shows the card")
    older = f'; or take an older compiler: pip install "{WHEELS[major]}=={major}.{minor}.*"' if major in WHEELS else ""
    expected = f"a driver for CUDA {version[0]}.{version[1]}, as NVRTC, or newer"
    return BackendError(f"loading {kernel}", expected, f"one for CUDA {major}.{minor}", f"Update the driver{older}")


def _names(generation: int) -> tuple[str, ...]:
    linux, windows = NAMES.get(generation, (f"libnvrtc.so.{generation}", f"nvrtc64_{generation}0_0.dll"))
    return (windows,) if WINDOWS else (linux,)


def _candidates(names: tuple[str, ...]) -> Iterator[Found]:
    wheels = find_spec("nvidia")
    for folder in wheels.submodule_search_locations or () if wheels else ():
        patterns = ("*/bin", "*/bin/*") if WINDOWS else ("*/lib",)
        yield from _in_folders("the wheels of NVIDIA", Path(folder), patterns, names)
    if conda := os.environ.get("CONDA_PREFIX"):
        yield from _in_folders("$CONDA_PREFIX", Path(conda), CONDA, names)
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        yield Found(name, "the system's loader")
    for variable in ("CUDA_PATH", "CUDA_HOME"):
        if toolkit := os.environ.get(variable):
            yield from _in_folders(f"${variable}", Path(toolkit), TOOLKIT, names)
    for pattern in ("cuda", "cuda-*"):
        for root in sorted(SYSTEM.glob(pattern), reverse=True):
            yield from _in_folders(str(SYSTEM), root, TOOLKIT, names)


def _in_folders(where: str, root: Path, patterns: tuple[str, ...], names: tuple[str, ...]) -> Iterator[Found]:
    for pattern in patterns:
        for name in names:
            for path in sorted(root.glob(f"{pattern}/{name}")):
                yield Found(str(path), where)


def _missing(generation: int | None) -> BackendError:
    if generation is None:
        return BackendError("CUDA compiler", "the NVRTC library", "none", f"Install it: {install_line(None)}")
    expected = f"the NVRTC library of CUDA {generation}, for which this CuPy was built ({_names(generation)[0]})"
    others = [str(n) for n in NAMES if n != generation for _ in list(_candidates(_names(n)))[:1]]
    found = f"that of CUDA {' and '.join(others)}" if others else "none"
    return BackendError("CUDA compiler", expected, found, f"Install it: {install_line(generation)}")
