"""What `xdl info` says of the GPU side: CuPy, NVRTC, the driver and the cards, and where each was found."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from xdl.errors import BackendError

from .cupy_memory import size_in_words
from .cupy_status import in_words, version

LOADED = Path("/proc/self/maps")  # Linux: the files that are in the memory of this process


def report() -> dict[str, Any]:
    """A line for each of them; what is missing says so, and how to get it. Never raises."""
    try:
        cupy = import_module("cupy")
    except Exception as error:
        return {"CuPy": f"missing ({in_words(error)})", "NVRTC": _nvrtc()}
    return {
        "CuPy": _told(lambda: _cupy(cupy)),
        "NVRTC": _nvrtc(),
        "driver": _told(lambda: _driver(cupy)),
        "cards": _told(lambda: _cards(cupy)),
    }


def _told(tell: Any) -> Any:
    try:
        return tell()
    except Exception as error:
        return f"not usable ({in_words(error)})"


def _cupy(cupy: Any) -> str:
    file = getattr(cupy, "__file__", None)
    where = f", in {Path(file).parent}" if file else ""
    return f"{cupy.__version__} for CUDA {version(cupy.cuda.runtime.runtimeGetVersion())}{where}"


def _nvrtc() -> str:
    try:
        nvrtc = import_module("xdl.kernels.cuda.compile").Nvrtc()
    except BackendError as error:
        return str(error)
    name = Path(nvrtc.found.path).name
    path = nvrtc.found.path if Path(nvrtc.found.path).is_absolute() else _loaded_from(name)
    return f"{nvrtc.version[0]}.{nvrtc.version[1]}, {path} ({nvrtc.found.where})"


def _driver(cupy: Any) -> str:
    number = int(cupy.cuda.runtime.driverGetVersion())
    return f"for CUDA {version(number)}, {_loaded_from('libcuda.so')}" if number else "none"


def _cards(cupy: Any) -> list[str]:
    runtime = cupy.cuda.runtime
    found = []
    for number in range(runtime.getDeviceCount()):
        card = runtime.getDeviceProperties(number)
        memory = size_in_words(card["totalGlobalMem"])
        found.append(f"{number}: {card['name'].decode()} (sm_{card['major']}{card['minor']}, {memory})")
    return found


def _loaded_from(name: str) -> str:
    """The path of a library that is loaded, where the system tells; else its name."""
    lines = LOADED.read_text().splitlines() if LOADED.exists() else []
    return next((line.split()[-1] for line in lines if name in line), name)
