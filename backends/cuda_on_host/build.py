"""Compiles .cu files for the CPU by g++, into xdl's cache, once per content, wherever the files lie.

Modes: fast (for results), asan (address and undefined-behaviour sanitizers), tsan (thread sanitizer) and profile
(every memory access is reported to harness/profiler.cpp).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from xdl.cache import cache_folder
from xdl.errors import BackendError
from xdl.kernels.cuda.launch import FOLDER as KERNELS
from xdl.kernels.cuda.signature import read_signatures

HARNESS = Path(__file__).parent / "harness"
FOLDER = cache_folder("cuda_on_host")
MODES = {
    "fast": ["-O2"],
    "asan": ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-DXDL_ASAN"],
    "tsan": ["-O1", "-g", "-fsanitize=thread", "-DXDL_TSAN"],
    "profile": ["-O1", "-g", "-fsanitize=thread"],  # compiled like tsan, linked with the profiler instead of it
}
SANITIZERS = {"asan": ["-fsanitize=address,undefined"], "tsan": ["-fsanitize=thread"]}
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas"]


def compiler() -> str:
    """The C++ compiler: $CXX or g++. Raises BackendError where there is none."""
    found = shutil.which(os.environ.get("CXX", "g++"))
    if found is None:
        raise BackendError("cuda-on-host", "a C++ compiler", "none", "Install g++ or set CXX.")
    return found


def build_kernels(path: Path, mode: str, defines: Mapping[str, str]) -> Path:
    """The shared library with the kernels of a .cu file and the runtime."""
    headers = [*path.parent.glob("*.cuh"), *KERNELS.glob("*.cuh"), *HARNESS.glob("*.h")]
    macros = [f"-D{name}={value}" for name, value in sorted(defines.items())]
    names = read_signatures(path)
    stub = f"#include <{path.name}>\n" + "".join(f"EXPORT_KERNEL({name})\n" for name in names)
    flags = ["-DXDL_ON_HOST", *MODES[mode], *macros, *WARNINGS]
    kernels = _compile(f"{path.stem}-{mode}", [path, *headers], flags, stub, [path.parent, KERNELS])
    runtime = ["waiting", "scheduler", *(["profiler"] if mode == "profile" else [])]
    parts = [kernels, *(_runtime_object(name, mode) for name in runtime)]
    library = FOLDER / f"{path.stem}-{mode}-{_key(parts, [])}.so"
    if not library.exists():
        _run("-shared", *SANITIZERS.get(mode, []), *map(str, parts), "-pthread", output=library)
    return library


def build_runner(mode: str) -> Path:
    """The program that runs one launch under a sanitizer."""
    source = HARNESS / "runner.cpp"
    program = FOLDER / f"runner-{mode}-{_key([source, HARNESS / 'runtime.h'], [])}"
    if not program.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        _run("-std=c++17", "-g", *SANITIZERS.get(mode, []), str(source), "-ldl", "-pthread", output=program)
    return program


def _runtime_object(name: str, mode: str) -> Path:
    """The runtime itself is never instrumented; XDL_ASAN and XDL_TSAN only make it tell the sanitizers its switches."""
    source = HARNESS / f"{name}.cpp"
    announced = [flag for flag in MODES[mode] if flag.startswith("-DXDL")]
    flags = ["-O2", "-g", "-fno-tree-loop-distribute-patterns", *announced, *WARNINGS]
    return _compile(f"{name}-{mode}", [source, *HARNESS.glob("*.h")], flags, source.read_text(), [])


def _compile(stem: str, sources: list[Path], flags: list[str], text: str, include: list[Path]) -> Path:
    target = FOLDER / f"{stem}-{_key(sources, [*flags, text])}.o"
    if not target.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        folders = [f"-I{folder}" for folder in (*include, HARNESS)]
        always = ["-std=c++17", "-fPIC", "-ffp-contract=off"]
        _run(*always, *flags, *folders, "-c", "-x", "c++", "-", output=target, text=text)
    return target


def _key(sources: list[Path], extra: list[str]) -> str:
    parts = [path.read_bytes() for path in sorted(sources, key=lambda path: path.name)]
    content = b"\0".join([*parts, repr((compiler(), extra)).encode()])
    return hashlib.sha256(content).hexdigest()[:16]


def _run(*arguments: str, output: Path, text: str = "") -> None:
    """Writes to a temporary neighbour first, so that an interrupted build leaves nothing that looks finished."""
    unfinished = output.with_name(f"{os.getpid()}-{output.name}")
    command = [compiler(), *arguments, "-o", str(unfinished)]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        raise BackendError("cuda-on-host", "code that g++ compiles", f"\n{done.stderr}")
    os.replace(unfinished, output)
