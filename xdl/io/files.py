"""Writing files so that each is whole or not there: a temporary neighbour, synced, then renamed.

A process that is killed while it writes leaves its temporary file; the next write of the same file removes it. The
lock of a file that is being written tells the two apart: the system frees it when its process ends.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from secrets import token_hex
from shutil import disk_usage
from typing import BinaryIO

from xdl.errors import StorageError

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives a temporary path in the same folder to write to; on success it becomes `path`, else it is removed.

    The bytes are on the disk before the new name is, and the name before this returns: after a crash at any
    moment `path` holds the old file or the new one, whole. Raises StorageError where it cannot be written.
    """
    target = Path(path)
    if not target.name:
        raise StorageError(f"write {path}", "the name of a file", repr(str(path)))
    with storing(target):
        _check_kind(target)
        _remove_left_parts(target)
        part, holder = _new_part(target)
        with holder:
            try:
                yield part
                with open(part, "r+b") as file:
                    os.fsync(file.fileno())
                if os.name == "nt":  # Windows renames no file that is open
                    holder.close()
                os.replace(part, target)
            finally:
                part.unlink(missing_ok=True)
        _sync_folder(target.parent)


def _check_kind(target: Path) -> None:
    """Refuses to rename a file over a device or a pipe: who may, would have no /dev/null any more."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise StorageError(f"write {target}", "the path of a file", "one of a device or a pipe")


def write_atomic(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes the bytes as the whole file at `path`. Raises StorageError where it cannot be written."""
    with atomic(path) as part:
        part.write_bytes(data)


def append(path: str | os.PathLike[str], data: bytes) -> None:
    """Adds the bytes to the end of a file, or none of them. Raises StorageError where they cannot be written."""
    with storing(path), open(path, "ab", buffering=0) as file:
        end, rest = file.tell(), memoryview(data)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            with suppress(OSError):  # a device, which has no length
                file.truncate(end)
            raise


@contextmanager
def storing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turns the system's errors inside into a StorageError that names the path and what to do."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        operation, expected = f"write {path}", "a file that can be written"
        raise StorageError(operation, expected, error.strerror or error, _advice(Path(path), error)) from error


def _advice(path: Path, error: OSError) -> str:
    try:
        folder = next(folder for folder in path.absolute().parents if os.path.isdir(folder))
    except FileNotFoundError:
        return "The folder that this process works in was removed: change to another"
    if error.errno in FULL:
        return f"{disk_usage(folder).free / 1e6:.1f} MB are free in {folder}: free some, or choose another folder"
    if error.errno == errno.EFBIG:
        return "The system limits the size of files: raise the limit (ulimit -f), or choose another disk"
    if error.errno in CLOSED:
        return f"Choose a folder that you may write to, or allow writing to {folder}"
    return "" if folder == path.absolute().parent else f"The folder {path.parent} does not exist: make it first"


def _new_part(target: Path) -> tuple[Path, BinaryIO]:
    """A new temporary file, open, with its lock held for as long as it is open.

    Between making it and taking its lock another process may find it, take it for left, and remove it: then the lock
    is refused, or the file has lost its name, and the next one is tried.
    """
    while True:
        part = target.with_name(f".{target.name}.{token_hex(4)}.part")
        holder = os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "wb")
        try:
            lock(holder.fileno())
        except BlockingIOError:
            holder.close()
            continue
        except OSError:  # without locks nobody can tell that a file is left, and nobody removes it
            return part, holder
        if os.fstat(holder.fileno()).st_nlink:
            return part, holder
        holder.close()


def _remove_left_parts(target: Path) -> None:
    """Removes what killed processes left: temporary files that nobody holds a lock on."""
    for part in target.parent.glob(f".{escape(target.name)}.????????.part"):
        with suppress(OSError), open(part, "r+b") as file:  # somebody writes it, or removed it just now
            lock(file.fileno())
            part.unlink()


def lock(handle: int, shared: bool = False) -> None:
    """Takes the lock of an open file or folder, in the place of one that this handle has.

    shared: together with other shared ones, for those who look whether somebody has it alone

    Raises BlockingIOError where another handle has it, and that or this one wants it alone.
    """
    if os.name == "nt":  # where an open file cannot be removed: that is its lock
        return
    import fcntl

    fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders; its rename is durable by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
