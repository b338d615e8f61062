"""Work that backward leaves for later: it runs on a second thread while the caller goes on.

The gradient of a convolution's filters is needed only when all of backward is done, the gradient of its input at
once. With two threads one does the former while the caller goes on with the latter and with the layers before it:
nothing is forked and joined, and what only one thread does (sums, norms of few values, Python) has company. While the
second thread is busy, `threads.parallel` works on the caller alone; from its first task until the tape has waited for
all, BLAS has one thread, so that no sum depends on how long that took. With more than two threads a layer shared out to
all of them is done sooner than by one of them, so nothing waits there. On two threads a training step of the nets of
`bench/compare.py --suite conv` takes 1.1 to 1.2 times as long without it.

    dw = later(...)    # a kernel: an array that is written at once or meanwhile

The tape waits for what it reads, and at the end for all: see `unwritten.py`.
The results are the same bit for bit as without: how work is cut never depends on who does it.
"""

from __future__ import annotations

import os
from _thread import start_new_thread
from collections import deque
from collections.abc import Callable
from threading import Condition, Lock
from typing import Any

from xdl.threads import get_num_threads, hold_blas, inside_part, release_blas, set_alone, work_alone
from xdl.unwritten import here

WAITING = 2  # tasks that wait at most, with what they hold in memory; the caller does more itself


class _Second:
    """The second thread and its tasks."""

    def __init__(self) -> None:
        self.change = Condition()
        self.tasks: deque[Callable[[], None]] = deque()
        self.running = False
        self.error: BaseException | None = None
        self.started = False
        self.taken = Lock()  # held by the caller that has tasks here

    def loop(self) -> None:
        work_alone()
        while True:
            with self.change:
                while not self.tasks:
                    self.running = False
                    set_alone(False)
                    self.change.notify_all()
                    self.change.wait()
                task = self.tasks.popleft()
            self.attempt(task)
            del task

    def attempt(self, task: Callable[[], None]) -> None:
        """Does a task; what it raises is kept until all are done, so that no later backward pass meets it."""
        try:
            task()
        except BaseException as error:  # raised for the caller in `complete`
            self.error = self.error or error

    def submit(self, task: Callable[[], None]) -> None:
        with self.change:
            self.tasks.append(task)
            if not self.running:
                self.running = True
                set_alone(True)
                self.change.notify_all()

    def ready(self) -> bool:
        """Whether the thread is there, started if need be: where the system gives no more threads, it is not."""
        if not self.started:
            self.started = True  # before it is: an interrupt behind its start would let a second one begin
            try:
                start_new_thread(self.loop, ())
            except RuntimeError:
                self.started = False
                return False
        return True

    def complete(self) -> None:
        """Does the tasks that nobody has begun, and waits for the one that is under way."""
        try:
            while self.tasks:
                with self.change:
                    task = self.tasks.pop() if self.tasks else None
                if task is not None:
                    self.attempt(task)
            with self.change:
                while self.running:
                    self.change.wait()
            error, self.error = self.error, None
        finally:
            self.tasks.clear()
            release_blas(self)
            self.taken.release()
        if error is not None:
            raise error


_second = _Second()


def later(compute: Callable[[], Any], empty: Callable[[], Any]) -> Any:
    """The array compute(); or, if the caller need not wait, the array empty(), to which it is still being written.

    That is so within a backward on two threads, for one caller at a time, while few tasks wait.
    """
    if not here.depth or get_num_threads() != 2 or inside_part() or len(_second.tasks) >= WAITING:
        return compute()
    if not here.unwritten:
        if not _second.ready() or not _second.taken.acquire(blocking=False):
            return compute()
        hold_blas(_second)
    result = empty()

    def task() -> None:
        result[...] = compute()

    here.unwritten[id(result)] = _second.complete
    _second.submit(task)
    return result


def _forget() -> None:
    """Threads do not survive a fork."""
    global _second
    _second = _Second()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
