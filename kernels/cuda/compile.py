"""CUDA C++ to cubin by NVRTC, through ctypes: needs the NVRTC library, but no GPU, no driver and no CuPy.

For a card that is newer than NVRTC it compiles to PTX of the newest architecture before it, which the driver
translates when it loads it.

Cubins are kept in xdl's own cache, keyed by the source, every header beside it, the options and the compiler's
version (CuPy's own cache does not look into included headers).
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xdl.cache import cache_folder
from xdl.errors import BackendError

from ..common.notes import say
from .launch import FOLDER
from .nvrtc_library import cupy_generation, load_library

ARCHITECTURES = ("sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_90a", "sm_100", "sm_120", "sm_121")


@dataclass(frozen=True, slots=True)
class Resources:
    """What a kernel takes of a multiprocessor: registers a thread, bytes of static shared memory a block, and bytes
    of registers that had to be spilled to memory (stores and loads) or live on the stack."""

    registers: int
    shared: int
    spilled: int
    stack: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """A cubin or PTX, what the compiler remarked, and the resources of each kernel (none of PTX)."""

    cubin: bytes
    remarks: str
    resources: dict[str, Resources]


class Nvrtc:
    """The compiler, of the generation of the CuPy that is loaded. version: (major, minor); found: where it is."""

    def __init__(self) -> None:
        self.library, self.found = load_library(cupy_generation())
        self.library.nvrtcGetErrorString.restype = ctypes.c_char_p
        major, minor = ctypes.c_int(), ctypes.c_int()
        self._call("nvrtcVersion", ctypes.byref(major), ctypes.byref(minor))
        self.version = (major.value, minor.value)

    def architectures(self) -> list[int]:
        """What it compiles for, ascending: [75, 80, ...]."""
        count = ctypes.c_int()
        self._call("nvrtcGetNumSupportedArchs", ctypes.byref(count))
        numbers = (ctypes.c_int * count.value)()
        self._call("nvrtcGetSupportedArchs", numbers)
        return sorted(numbers)

    def compile(self, path: Path, architecture: str, defines: Mapping[str, str]) -> Compiled:
        """Compiles a .cu file for a real architecture ("sm_90") to a cubin, for a virtual one ("compute_90") to PTX.

        Raises BackendError with the first wrong line.
        """
        program = ctypes.c_void_p()
        source = path.read_text().encode()
        self._call("nvrtcCreateProgram", ctypes.byref(program), source, path.name.encode(), 0, None, None)
        try:
            options = [option.encode() for option in self.options(path, architecture, defines)]
            array = (ctypes.c_char_p * len(options))(*options)
            status = self.library.nvrtcCompileProgram(program, len(options), array)
            log = self._text(program, "nvrtcGetProgramLog").decode(errors="replace").rstrip("\0").strip()
            if status:
                raise _compile_error(path, log, self.library.nvrtcGetErrorString(status).decode())
            remarks, resources = _read_log(log)
            made = "nvrtcGetPTX" if is_virtual(architecture) else "nvrtcGetCUBIN"
            return Compiled(self._text(program, made), remarks, resources)
        finally:
            self._call("nvrtcDestroyProgram", ctypes.byref(program))

    def options(self, path: Path, architecture: str, defines: Mapping[str, str]) -> list[str]:
        """No fast-math: float32 results stay within rounding of the reference. -v reports registers and spills."""
        macros = [f"-D{name}={value}" for name, value in sorted(defines.items())]
        folders = [f"-I{folder}" for folder in _header_folders(path)]
        report = [] if is_virtual(architecture) else ["--ptxas-options=-v"]
        return [f"-arch={architecture}", "-std=c++17", "-lineinfo", *report, *folders, *macros]

    def _text(self, program: ctypes.c_void_p, function: str) -> bytes:
        size = ctypes.c_size_t()
        self._call(f"{function}Size", program, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        self._call(function, program, buffer)
        return buffer.raw

    def _call(self, function: str, *arguments: object) -> None:
        status = getattr(self.library, function)(*arguments)
        if status:
            raise BackendError(function, "success", self.library.nvrtcGetErrorString(status).decode())


def is_virtual(architecture: str) -> bool:
    """Whether it stands for PTX."""
    return architecture.startswith("compute_")


def target(architecture: str, known: list[int], version: tuple[int, int]) -> str:
    """The architecture to compile for: that of the card ("sm_90") if the compiler knows it, else the newest older one
    as PTX ("compute_90"). Raises BackendError for a card that is older than all of them.
    """
    card = int(architecture.removeprefix("sm_").rstrip("af"))
    if card in known:
        return architecture
    older = [number for number in known if number < card]
    if not older:
        hint = "Install the extra cuda12 instead of cuda13: its NVRTC compiles for sm_50 and newer"
        found = f"sm_{card}, and NVRTC {version[0]}.{version[1]}"
        raise BackendError("CUDA compiler", f"a card of sm_{known[0]} or newer", found, hint)
    return f"compute_{older[-1]}"


def _header_folders(path: Path) -> list[Path]:
    """The source's own folder, and that of the headers for all."""
    return [path.parent, FOLDER]


def _compile_error(path: Path, log: str, status: str) -> BackendError:
    first = re.search(r"^(.*)\((\d+)\): (?:catastrophic )?error:? ?(.*)$", log, re.MULTILINE)
    found = f"{first[3]} (line {first[2]} of {Path(first[1]).name})" if first else f"{status}\n{log}"
    line = _source_line(path, Path(first[1]).name, int(first[2])) if first else ""
    return BackendError(f"compiling {path.name}", "valid CUDA C++", found, line)


def _source_line(path: Path, name: str, number: int) -> str:
    """A line of the source or of a header that it includes."""
    found = next((folder / name for folder in _header_folders(path) if (folder / name).exists()), None)
    lines = found.read_text().splitlines() if found else []
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


_PROPERTIES = re.compile(
    r"Function properties for (?P<name>\w+)\s*\n\D*(?P<stack>\d+) bytes stack frame, (?P<stores>\d+) bytes spill"
    r" stores, (?P<loads>\d+) bytes spill loads\s*\n.*?Used (?P<registers>\d+) registers(?P<rest>[^\n]*)"
)
_EXPECTED = ("ptxas info", "Function properties", "bytes stack frame", "Compile time")


def _read_log(log: str) -> tuple[str, dict[str, Resources]]:
    """The lines of the log that are remarks, and the resources that the others report."""
    resources = {}
    for match in _PROPERTIES.finditer(log):
        shared = re.search(r"(\d+) bytes smem", match["rest"])
        resources[match["name"]] = Resources(
            int(match["registers"]),
            int(shared[1]) if shared else 0,
            int(match["stores"]) + int(match["loads"]),
            int(match["stack"]),
        )
    remarks = [line for line in log.splitlines() if line.strip() and not any(part in line for part in _EXPECTED)]
    return "\n".join(remarks), resources


class CompiledCache:
    """Cubins (or PTX, see `target`) for one architecture, kept in `XDL_CACHE` (else `~/.cache/xdl`) under `kernels`."""

    def __init__(self, architecture: str, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder("kernels")
        self.nvrtc = Nvrtc()
        self.architecture = target(architecture, self.nvrtc.architectures(), self.nvrtc.version)
        if is_virtual(self.architecture):
            version = ".".join(map(str, self.nvrtc.version))
            say(f"NVRTC {version} does not know {architecture}; the driver translates {self.architecture} for it")

    def cubin(self, path: Path, defines: Mapping[str, str]) -> bytes:
        """The compiled file, from the cache where it is there. Raises BackendError where compiling fails."""
        headers = [header for folder in _header_folders(path) for header in sorted(folder.glob("*.cuh"))]
        parts = [path.read_bytes(), *(header.read_bytes() for header in headers)]
        parts.append(repr((self.nvrtc.options(path, self.architecture, defines), self.nvrtc.version)).encode())
        key = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
        kept = self.folder / f"{path.stem}-{key}.{'ptx' if is_virtual(self.architecture) else 'cubin'}"
        if kept.exists():
            return kept.read_bytes()
        say(f"compiling CUDA kernels for {self.architecture} on their first use, to keep them in {self.folder}")
        cubin = self.nvrtc.compile(path, self.architecture, defines).cubin
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as neighbour:
            neighbour.write(cubin)
            neighbour.flush()
            os.fsync(neighbour.fileno())
        os.replace(neighbour.name, kept)
        return cubin
