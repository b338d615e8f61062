"""One process at a time in a run's folder: two that train there would overwrite each other's checkpoints."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xdl.errors import SettingError
from xdl.io.files import lock

WITHOUT_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keeps an existing folder for this process while the block runs; the system ends the claim of one that dies.

    Raises SettingError where another process, or another block of this one, has it. Nothing is kept on Windows and on
    disks without locks.
    """
    if os.name == "nt":  # Windows cannot open folders
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            lock(handle)
        except BlockingIOError:
            hint = "Wait for its end or stop it, or choose another run's folder"
            raise SettingError(f"run {folder}", "a run that no process works on", "one that is running", hint) from None
        except OSError as error:
            if error.errno not in WITHOUT_LOCKS:
                raise
        yield
    finally:
        os.close(handle)


def is_claimed(folder: Path) -> bool:
    """Whether somebody works in the folder now."""
    try:
        with claimed(folder):
            return False
    except SettingError:
        return True
