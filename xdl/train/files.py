"""Writing files so that each is whole or not there: a temporary neighbour, synced, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives a temporary path in the same folder to write to; on success it becomes `path`, else it is removed.

    The bytes are on the disk before the new name is, and the name before this returns: after a crash at any
    moment `path` holds the old file or the new one, whole.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.{token_hex(4)}.part")
    try:
        yield part
        with open(part, "r+b") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(target.parent)


def write_atomic(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes the bytes as the whole file at `path`."""
    with atomic(path) as part:
        part.write_bytes(data)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders; its rename is durable by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
