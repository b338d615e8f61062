"""The team: xdl's threads take jobs of compiled loops without the interpreter, see loops/team/team.py.

Before a helper of the pool of `xdl.threads` sleeps it waits awake for a while. A loop that is worth a thread's waking
wakes the helpers; one that is only worth sharing takes those that are awake. Parts of `parallel`, too, begin sooner.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from xdl.guard import Guard
from xdl.threads import get_num_threads, inside_part, waiting, wake

from .compiled import MADE, Compiled, Split

PATIENCE = 4000  # looks of about 50 nanoseconds: to wake a helper takes as long as half of them
LINE, AWAKE, COMING, OFF = 8, 24, 25, 32  # words of 8 bytes, as loops/team/team.py has them
MOST = 64  # helpers
WIDTH = 64  # numbers of a job, as loops/team/jobs.py has it
JOBS = 1 << 19  # of a run, at most
PIECES = 4  # jobs for each thread: who is late does fewer
FLOAT = np.dtype("float32")  # of loops that have no floats
serve = Compiled("team.team.serve", "int64, int64, int64")
_turn = Guard()
_memory = np.zeros(OFF + (MOST + 1) * LINE, np.int64)
_words = _memory[-_memory.ctypes.data % 64 // 8 :]  # lines of the cache begin at multiples of 64 bytes
_address = _words.ctypes.data
_jobs: dict[Any, tuple[int, Split, Any]] = {}


def shared(
    loop: Callable[..., None],
    worth_waking: bool,
    rows: int,
    parted: Sequence[np.ndarray],
    own: Sequence[np.ndarray],
    rest: Sequence[Any],
) -> bool:
    """Whether the team did loop(*parted, *own, *rest), a job for every `rows` rows of the arrays `parted`; each job
    gets those rows, and its own part of each array in `own`.
    """
    count = -(-len(parted[0]) // rows)
    if inside_part() or count > JOBS or not (worth_waking or _words[AWAKE]) or not _turn.lock.acquire(blocking=False):
        return False
    try:
        _words[COMING] = 1
        if not _words[AWAKE]:
            _join()
        address, split, dtype = _jobs.get(loop) or job(loop)
        others = [give(x) for give, x in zip(split.rest, rest, strict=True)]
        table = np.empty((count, WIDTH), np.int64)
        failed = split[dtype](_address, address, rows, table, (*parted, *own, *others))
    finally:
        _words[COMING] = 0
        _turn.lock.release()
    if failed:
        raise MemoryError(f"{failed} of {count} parts of a compiled loop found no memory to work in")
    return True


def rows_each(n: int, worth_waking: bool) -> int:
    """How many of n rows make a job."""
    return -(-n // (get_num_threads() * (PIECES if worth_waking else 1)))


def _join() -> None:
    """Has all helpers wait awake."""
    if not waiting:
        _serve()  # ready before a helper needs it
        waiting.append((_wait, _call, _heard))
    wake()


def _forget() -> None:  # helpers do not survive a fork
    _words[:] = 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _wait(helper: int) -> None:
    if helper < MOST:
        _serve()(_address, helper, PATIENCE)


def _serve() -> Callable[..., None]:
    return serve[FLOAT]


def _call(helper: int) -> None:
    if helper < MOST:
        _words[OFF + helper * LINE] = 1


def _heard(helper: int) -> None:
    if helper < MOST:
        _words[OFF + helper * LINE] = 0


def job(loop: Any) -> tuple[int, Split, Any]:
    """Where a loop's function begins, what splits its arguments, and the type of numbers."""
    loop = getattr(loop, "heard", loop)  # see played.py
    compiled, dtype = MADE[loop]
    if compiled.split is None:
        raise ValueError(f"{compiled.place} has no mark in its signature that says what is shared out")
    (result,) = loop.overloads.values()
    address = int(result.library.get_pointer_to_function(result.fndesc.llvm_func_name))
    compiled.split[dtype]
    _jobs[loop] = found = address, compiled.split, dtype
    return found
