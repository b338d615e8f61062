"""Whether this process uses compiled versions: decided once, when the first operation that has one runs or when
`kernel.options()` is asked, and never changed after that. So a run records what it uses, and a resume compares it.

XDL_FAST=now     compiled versions run, and wait for the compiler where the cache lacks them
XDL_FAST=later   where the cache lacks one, NumPy's versions run to the end of the process, while another process
                 fills the cache for the next one
XDL_FAST=off     NumPy's versions run

Whether Numba is installed is seen without importing it. Only `later` has to import it to decide.
"""

from __future__ import annotations

import os
import subprocess
import sys

from xdl import kernel_options
from xdl.guard import Guard

from ..common.notes import say
from . import cache, compiled

_decided: list[bool] = []  # whether they are used, once that is decided
_deciding = Guard()
_filling: list[subprocess.Popen[bytes]] = []


def used() -> bool:
    """Whether compiled versions run in this process; decides it."""
    if not _decided:
        with _deciding.lock:
            if not _decided:
                _decided.append(_decide())
    return _decided[0]


def identity() -> str | bool:
    """What a run records: Numba's version and the state of the loops, or False where none are used; decides that."""
    return f"{cache.version()}, loops {cache.sources()[:8]}" if used() else False


def _decide() -> bool:
    if not kernel_options.compiled_wanted():
        return False
    if kernel_options.get_fast() == "now" or all(loop.is_kept() for loop in compiled.ALL):
        return True
    _fill()
    return False


def _fill() -> None:
    """Has another process compile all loops for the next one, unless one does so already."""
    try:
        claimed = cache.claim()
    except OSError as error:
        say(f"NumPy computes in this process; compiled loops cannot be kept for the next one (XDL_FAST=later): {error}")
        return
    say("NumPy computes in this process, while loops are compiled for the next one (XDL_FAST=later)")
    if claimed is None:
        return
    nowhere, environment = subprocess.DEVNULL, {**os.environ, "XDL_FAST": "now"}
    command = [sys.executable, "-m", "xdl", "warm"]
    started = subprocess.Popen(
        command,
        stdin=nowhere,
        stdout=nowhere,
        stderr=nowhere,
        env=environment,
        start_new_session=True,
        pass_fds=claimed,
    )
    _filling.append(started)
    for file in claimed:
        os.close(file)
