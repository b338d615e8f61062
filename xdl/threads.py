"""One fork-join pool for the whole process, and the number of BLAS threads.

NumPy releases the GIL in large loops and BLAS calls, so plain Python threads keep every core busy. One part of the work
runs on the calling thread, the others on waiting helpers, BLAS on one thread inside. Fork and join cost about 15
microseconds, 45 on virtual machines whose cores fall asleep, so `parallel` is for more than about 100 of work.

OpenBLAS's threads wait busily before they sleep, 26 milliseconds by default, and take the cores from ours: nets took
1.6 times as long. So a tenth of a millisecond is set, if NumPy is not loaded yet and the user set nothing.
The split of the work depends only on `get_num_threads()`, never on load, so results are the same bit for bit. Your own
threads take turns with the pool. The number of BLAS threads is the process's and changes sums' last bits: outside of
parts they may meet 1 or all. With `set_num_threads(1)` nothing depends on them.
"""

from __future__ import annotations

import os
import sys
from _thread import start_new_thread
from collections.abc import Callable, Hashable
from itertools import pairwise
from threading import Lock, get_ident, local
from typing import Any

from xdl.errors import SettingError, expect
from xdl.guard import Guard, undisturbed

if "numpy" not in sys.modules:
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "18")  # 2**18 ticks of the processor's clock

Part = Callable[[int, int, int], None]  # part(low, high, thread) works on range(low, high)


class _Helper:
    """A thread that waits for a part, runs it, and says when it is done."""

    def __init__(self) -> None:
        self.go, self.done = Lock(), Lock()
        self.go.acquire()
        self.task: tuple[Part, int, int, int] | None = None
        self.error: BaseException | None = None
        self.running = False
        start_new_thread(self._loop, ())  # not a Thread: an interrupt within its start became another error

    def _loop(self) -> None:
        _inside.part = True
        while True:
            self.go.acquire()
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
        self.task = task
        self.done.acquire(blocking=False)  # held from here until the part is done
        self.running = True
        self.go.release()

    def join(self) -> BaseException | None:
        """Waits for the part, if one runs, and returns what went wrong. A Ctrl-C ends the wait, not the part."""
        while self.running:
            self.done.acquire()
        error, self.error = self.error, None
        return error

    def stop(self) -> None:
        self.task = None
        self.go.release()


def _default_threads() -> int:
    text = os.environ.get("XDL_NUM_THREADS")
    if text is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    right = text.isdecimal() and int(text) >= 1
    expect(right, SettingError, "XDL_NUM_THREADS", "a whole number of at least 1", repr(text))
    return int(text)


_count = 0  # until the first use, so that a wrong XDL_NUM_THREADS is reported there and not by the import
_helpers: list[_Helper] = []
_busy = Guard()
_inside = local()  # .part: whether this thread runs a part
on_change: list[Callable[[], None]] = []  # called after another number of threads is set


def get_num_threads() -> int:
    """How many threads `parallel` and BLAS use. Raises SettingError for a wrong XDL_NUM_THREADS."""
    global _count
    if not _count:
        _count = _default_threads()
    return _count


def set_num_threads(n: int) -> None:
    """Sets how many threads `parallel` and BLAS use from now on. Raises SettingError for n < 1.

    For the whole process: call it while no other thread computes.
    """
    global _count
    expect(isinstance(n, int) and n >= 1, SettingError, "set_num_threads", "a whole number of at least 1", repr(n))
    expect(not inside_part(), SettingError, "set_num_threads", "a call outside of parallel work", "one from a part")
    with _busy.lock:
        while len(_helpers) > n - 1:
            _helpers.pop().stop()
        _count = n
        set_blas_threads(n)
    for told in on_change:
        told()


def use_chosen_threads() -> None:
    """Tells a BLAS that was just loaded how many threads the user chose, if they did."""
    if _count or "XDL_NUM_THREADS" in os.environ:
        set_blas_threads(get_num_threads())


_libraries: list[Any] = []  # those found so far: none before NumPy is loaded


def _blas() -> list[Any]:
    if not _libraries:
        undisturbed(_find)
    return _libraries


def _find() -> None:
    from threadpoolctl import ThreadpoolController

    _libraries[:] = [lib for lib in ThreadpoolController().lib_controllers if lib.user_api == "blas"]


def blas() -> list[str]:
    """The BLAS libraries that are loaded, in words: "openblas 0.3.31, 2 threads"."""
    return [f"{lib.internal_api} {lib.version}, {lib.num_threads} threads" for lib in _blas()]


def set_blas_threads(n: int) -> None:
    """Sets the threads of the BLAS that is loaded, for all of xdl's callers at once (about 3 microseconds)."""
    with _holding.lock:
        for library in _blas():
            if hasattr(library, "clear_controlling_thread"):  # threadpoolctl 3.8 obeys the thread that first set it
                library.clear_controlling_thread(force=True)
            library.set_num_threads(1 if _holders else n)


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
            _helpers.extend(_Helper() for _ in range(threads - 1 - len(_helpers)))
            _run(part, pieces, _helpers[: threads - 1])


def set_alone(alone: bool) -> None:
    """Whether `parallel` works on the caller alone, because another thread of xdl uses the second core."""
    global _alone
    _alone = alone


_alone = False
_holding = Guard()
_holders: set[Hashable] = set()  # who wants BLAS on one thread now


def hold_blas(holder: Hashable) -> None:
    """BLAS uses one thread until all holders have released it."""
    with _holding.lock:
        _holders.add(holder)
        if len(_holders) == 1:
            set_blas_threads(1)


def release_blas(holder: Hashable) -> None:
    """The end of what `hold_blas` began."""
    with _holding.lock:
        _holders.discard(holder)
        if not _holders:
            set_blas_threads(get_num_threads())


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


def _forget() -> None:  # threads do not survive a fork, and neither does what they hold
    _helpers.clear()
    set_alone(False)
    if _holders:
        _holders.clear()
        set_blas_threads(get_num_threads())


if hasattr(os, "register_at_fork"):  # and none while a thread sets those of BLAS: threadpoolctl holds a lock then
    os.register_at_fork(
        before=lambda: _holding.lock.acquire(), after_in_parent=lambda: _holding.lock.release(), after_in_child=_forget
    )
