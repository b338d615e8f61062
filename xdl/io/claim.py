"""One process at a time in a run's folder: two that train there would overwrite each other's checkpoints.

A claim is the lock of the folder, held alone. Who only looks takes the lock shared for a moment: that does not go
together with a claim, but with other looks. A claim that meets a look is refused the lock too; it looks itself, which
tells the two apart, and tries again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import uniform
from time import monotonic, sleep

from xdl.errors import SettingError
from xdl.io.files import lock

WITHOUT_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
PATIENCE = 10.0  # seconds that a claim waits for those who look; a look takes microseconds


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
            _take(folder, handle)
        except BlockingIOError:
            hint = "Wait for its end or stop it, or choose another run's folder"
            raise SettingError(f"run {folder}", "a run that no process works on", "one that is running", hint) from None
        except OSError as error:
            if error.errno not in WITHOUT_LOCKS:
                raise
        yield
    finally:
        os.close(handle)


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Claims an existing folder, and waits for that as long as others have it: for what takes a moment."""
    with ExitStack() as kept:
        while True:
            try:
                kept.enter_context(claimed(folder))
                break
            except SettingError:
                sleep(uniform(0.002, 0.02))
        yield


def is_claimed(folder: Path) -> bool:
    """Whether somebody works in the folder now. Looking keeps nobody from claiming it."""
    if os.name == "nt":
        return False
    handle = os.open(folder, os.O_RDONLY)
    try:
        lock(handle, shared=True)
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise
    finally:
        os.close(handle)
    return False


def _take(folder: Path, handle: int) -> None:
    """Takes the folder's lock alone. Raises BlockingIOError where another handle has it alone."""
    end = monotonic() + PATIENCE
    while True:
        try:
            return lock(handle)
        except BlockingIOError:
            if is_claimed(folder) or monotonic() > end:
                raise
        sleep(uniform(0, 0.002))  # two that claim at once may meet in their looks, until one is first
