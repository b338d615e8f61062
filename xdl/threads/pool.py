"""One fork-join pool for the whole process.

NumPy releases the GIL in large loops and BLAS calls, so plain Python threads keep every core busy. One part of the work
runs on the calling thread, the others on waiting helpers, BLAS on one thread inside. Fork and join cost about 15
microseconds, 45 on virtual machines whose cores fall asleep, so `parallel` is for more than about 100 of work.

The split of the work depends only on `get_num_threads()`, never on load, so results are the same bit for bit. Your own
threads take turns with the pool. The number of BLAS threads is the process's and changes sums' last bits: outside of
parts they may meet 1 or all. With `set_num_threads(1)` nothing depends on them.
"""

from __future__ import annotations

import os
from _thread import start_new_thread
from collections.abc import Callable
from itertools import pairwise
from threading import Lock, get_ident, local
from typing import Any

from xdl.errors import SettingError, expect
from xdl.guard import Guard
from xdl.threads.blas import hold_blas, release_blas, set_blas_threads
from xdl.threads.count import chosen, get_num_threads

Part = Callable[[int, int, int], None]  # part(low, high, thread) works on range(low, high)


class _Helper:
    """A thread that waits for a part, runs it, and says when it is done."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.go, self.done = Lock(), Lock()
        self.go.acquire()
        self.task: tuple[Part, int, int, int] | None = None
        self.error: BaseException | None = None
        self.running = False
        start_new_thread(self._loop, ())  # not a Thread: an interrupt within its start became another error

    def _loop(self) -> None:
        _inside.part = True
        while True:
            for wait, _, _ in waiting:
                wait(self.number)
            self.go.acquire()
            for _, _, heard in waiting:
                heard(self.number)
            if self.task is None:
                return
            part, low, high, thread = self.task
            try:
                part(low, high, thread)
            except BaseException as error:  # handed to the caller in `parallel`
                self.error = error
            self.running = False
            self.done.release()

    def start(self, *task: Any) -> None:
        self.join()  # it may still be about to wake
        self.task = task
        self.done.acquire(blocking=False)  # held from here until the part is done
        for _, call, _ in waiting:
            call(self.number)
        self.running = True  # no Ctrl-C comes between this and the next line: nobody would end the wait for the part
        self.go.release()

    def join(self) -> BaseException | None:
        """Waits for the part, if one runs, and returns what went wrong. A Ctrl-C ends the wait, not the part."""
        while self.running:
            self.done.acquire()
        error, self.error = self.error, None
        return error

    def stop(self) -> None:
        self.join()
        self.task = None
        for _, call, _ in waiting:
            call(self.number)
        self.go.release()


_helpers: list[_Helper] = []
_busy = Guard()
waiting: list[tuple[Callable[[int], None], ...]] = []  # (wait, call, heard): how helpers wait awake, before they sleep
# wait(i) of helper i, which does other work, returns after some time without any, and soon after call(i), which holds
# until heard(i)
_inside = local()  # .part: whether this thread runs a part
on_change: list[Callable[[], None]] = []  # called after another number of threads is set


def set_num_threads(n: int) -> None:
    """Sets how many threads `parallel` and BLAS use from now on. Raises SettingError for n < 1.

    For the whole process: call it while no other thread computes.
    """
    expect(isinstance(n, int) and n >= 1, SettingError, "set_num_threads", "a whole number of at least 1", repr(n))
    expect(not inside_part(), SettingError, "set_num_threads", "a call outside of parallel work", "one from a part")
    with _busy.lock:
        while len(_helpers) > n - 1:
            _helpers.pop().stop()
        chosen[0] = n
        set_blas_threads(n)
    for told in on_change:
        told()


def parallel(part: Part, n: int) -> None:
    """Runs part(low, high, thread) over range(n), cut into one piece a thread, with BLAS at one thread inside.

    A call from inside a part runs its pieces one after the other. An exception of any part is raised here.
    """
    threads = min(get_num_threads(), n)
    cuts = [n * i // threads for i in range(threads + 1)] if threads > 0 else [0]
    pieces = [(low, high, i) for i, (low, high) in enumerate(pairwise(cuts))]
    if threads <= 1 or inside_part():
        for piece in pieces:
            part(*piece)
    elif _alone:
        _run(part, pieces, [])
    else:
        with _busy.lock:
            _helpers.extend(_Helper(i) for i in range(len(_helpers), threads - 1))
            _run(part, pieces, _helpers[: threads - 1])


def wake() -> None:
    """Wakes helpers that sleep, so that they wait awake (see `waiting`)."""
    with _busy.lock:
        _helpers.extend(_Helper(i) for i in range(len(_helpers), get_num_threads() - 1))
        for helper in _helpers:
            if not helper.running:
                helper.start(lambda *_: None, 0, 0, 0)


def set_alone(alone: bool) -> None:
    """Whether `parallel` works on the caller alone, because another thread of xdl uses the second core."""
    global _alone
    _alone = alone


_alone = False


def inside_part() -> bool:
    """Whether this thread runs a part, or has to work alone."""
    return getattr(_inside, "part", False)


def work_alone() -> None:
    """From now on `parallel` runs all pieces on this thread and leaves the pool and BLAS alone."""
    _inside.part = True


def serial(part: Part, n: int) -> None:
    """Runs part(0, n, 0) on this thread with BLAS at one thread too, so that BLAS's own threads stay asleep."""
    if get_num_threads() == 1 or inside_part():
        part(0, n, 0)
    else:
        _run(part, [(0, n, 0)], [])


def _run(part: Part, pieces: list[tuple[int, int, int]], helpers: list[_Helper]) -> None:
    """The last pieces on a helper each, the others here."""
    own, errors = len(pieces) - len(helpers), list[BaseException | None]()
    try:
        _inside.part = True
        hold_blas(get_ident())
        for helper, piece in zip(helpers, pieces[own:], strict=True):
            helper.start(part, *piece)
        for piece in pieces[:own]:
            part(*piece)
    finally:
        while True:
            try:
                errors += [helper.join() for helper in helpers]
                release_blas(get_ident())
                _inside.part = False
                break
            except KeyboardInterrupt as interrupt:  # raised when all parts are done
                errors.append(interrupt)
    if error := next(filter(None, errors), None):
        raise error


def _forget() -> None:  # threads do not survive a fork
    _helpers.clear()
    set_alone(False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
