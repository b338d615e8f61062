"""Where compiled loops are kept: a folder of xdl's cache, one for every state of what they are made from.

    XDL_CACHE/numba/KEY/                         KEY: a hash of all files of kernels/numba, of the versions of Numba,
                                                 NumPy and Python, and of the processor's name and abilities
        rows.softmax.float32                     an empty file: this loop is here, compiled
        rows.softmax_float32-rows-40.py311.nbi   Numba's own files, with the loop's file and line
        lock                                     held by the process that compiles
        filling                                  held by the one that XDL_FAST=later has compile all

Numba looks for changes in the file of a function alone, not in those of the functions that it calls: with a folder of
its own for every state no old code is ever met, nor that of another processor.

Two processes may write the same loop at once, since each file is complete before it gets its name. The lock only
spares them the work: who finds it taken waits until the other one is done, but not for ever.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from time import monotonic, sleep

from xdl.cache import cache_folder
from xdl.errors import BackendError
from xdl.guard import undisturbed

PATIENCE, PAUSE = 60.0, 0.02  # seconds to wait for another process that compiles, and between two looks
SOURCES = Path(__file__).parent
COMMON = SOURCES.with_name("common")  # loops may use what stands there


@cache
def sources() -> str:
    """A hash of all files of kernels/numba and kernels/common and their names."""
    found = hashlib.sha256()
    for folder in (SOURCES, COMMON):
        for path in sorted(folder.rglob("*.py")):
            text = path.read_bytes()
            found.update(f"{path.relative_to(folder).as_posix()} {len(text)}\n".encode() + text)
    return found.hexdigest()


@cache
def version() -> str:
    """Numba's, without importing it; "unknown" of one that is not installed as a package."""
    try:
        return metadata.version("numba")
    except metadata.PackageNotFoundError:
        return "unknown"


def import_numba() -> None:
    """Raises BackendError where that fails."""
    try:
        undisturbed(_import)
    except ImportError as error:
        hint = "Install it anew with pip install 'xdl[fast]', or do without by XDL_FAST=off"
        found = str(error).rstrip(".")
        raise BackendError("compiled kernels", "a Numba that can be imported", found, hint) from error


def _import() -> None:
    import_module("numba")


@cache
def processor() -> str:
    """The name and the abilities that Numba compiles for; `NUMBA_CPU_NAME` may say another. Imports Numba."""
    import_numba()
    cpu_target = import_module("numba.core.registry").cpu_target
    return repr(cpu_target.target_context.codegen().magic_tuple())


@cache
def folder() -> Path:
    """The folder for this state; it need not exist. Imports Numba."""
    packages = [f"{name} {metadata.version(name)}" for name in ("llvmlite", "numpy")]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    parts = (sources(), version(), *packages, python, processor())
    return cache_folder("numba") / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def is_kept(name: str) -> bool:
    """Whether a loop of that name, such as rows.softmax.float32, is in the folder."""
    return (folder() / name).exists()


def keep(name: str) -> None:
    """Notes that a loop is in the folder, if that is not noted yet: it may be read-only. Raises OSError."""
    if not is_kept(name):
        (folder() / name).touch()


def forget(name: str) -> None:
    """Removes the files of a loop, which are broken."""
    place, _, dtype = name.rpartition(".")
    module, _, function = place.rpartition(".")
    for path in (folder() / name, *folder().glob(f"*.{function}_{dtype}-{module}-*")):
        with suppress(OSError):  # of a read-only folder: the loop is compiled for this process alone
            path.unlink(missing_ok=True)


@contextmanager
def lock() -> Iterator[None]:
    """Inside, other processes wait with what they have to compile. Without a folder to write in nobody waits."""
    taken = None
    try:
        with suppress(OSError, ImportError):  # what comes of it is said where the loop is written
            folder().mkdir(parents=True, exist_ok=True)
            taken = os.open(folder() / "lock", os.O_RDWR | os.O_CREAT, 0o666)
            _wait(taken)
        yield
    finally:
        if taken is not None:
            os.close(taken)  # which gives the lock back


def claim() -> list[int] | None:
    """What a process that fills the folder is to inherit: an open file, which it holds to its end. None while another
    one does; nothing where files have no locks. Raises OSError where the folder cannot be written in.
    """
    folder().mkdir(parents=True, exist_ok=True)
    file = os.open(folder() / "filling", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (OSError, ImportError) as error:
        os.close(file)
        return None if isinstance(error, BlockingIOError) else []
    return [file]


def _wait(file: int) -> None:
    """Returns when the lock is ours, or has not been for PATIENCE. Raises OSError, ImportError where there are none."""
    import fcntl

    end = monotonic() + PATIENCE
    while monotonic() < end:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except (BlockingIOError, PermissionError):  # another process has it
            sleep(PAUSE)
