"""Work that backward leaves for later: it runs on a second thread while the caller goes on.

The gradient of a convolution's filters is needed only when all of backward is done, the gradient of its input at
once. With two threads one does the former while the caller goes on with the latter and with the layers before it:
nothing is forked and joined, and what only one thread does (sums, norms of few values, Python) has company. While the
second thread is busy, `threads.parallel` works on the caller alone. With more than two threads a layer shared out to
all of them is done sooner than by one of them, so nothing waits there. On two threads a training step of the nets of
`bench/compare.py --suite conv` takes 1.1 to 1.2 times as long without it.

    here.depth += 1    # the tape, before the way back, and less by one after it
    dw = later(...)    # a kernel: an array that is written at once or meanwhile
    settle(dw)         # the tape, before it reads a gradient, if here.promised
    finish()           # the tape, at the end, if here.promised: all is written, or an error is raised

The results are the same bit for bit as without: how work is cut never depends on who does it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock, Thread, local
from typing import Any

from xdl.threads import get_num_threads, inside_part, set_alone, work_alone

WAITING = 2  # tasks that wait at most, with what they hold in memory; the caller does more itself


class _Here(local):
    """Of every thread: how many of its backwards are under way, and the ids of the arrays that tasks still write."""

    def __init__(self) -> None:
        self.depth = 0
        self.promised: set[int] = set()


here = _Here()


class _Second:
    """The second thread and its tasks."""

    def __init__(self) -> None:
        self.change = Condition()
        self.tasks: deque[Callable[[], None]] = deque()
        self.running = False
        self.error: BaseException | None = None
        self.thread: Thread | None = None
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
            try:
                task()
            except BaseException as error:  # handed to the caller in `finish`
                self.error = self.error or error
            del task

    def submit(self, task: Callable[[], None]) -> None:
        with self.change:
            self.tasks.append(task)
            if not self.running:
                self.running = True
                set_alone(True)
                self.change.notify_all()
        if self.thread is None:
            self.thread = Thread(target=self.loop, daemon=True, name="xdl-second")
            self.thread.start()

    def complete(self) -> None:
        """Does the tasks that nobody has begun, and waits for the one that is under way."""
        try:
            while self.tasks:
                with self.change:
                    task = self.tasks.pop() if self.tasks else None
                if task is not None:
                    task()
            with self.change:
                while self.running:
                    self.change.wait()
            error, self.error = self.error, None
        finally:
            self.tasks.clear()
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
    if not here.promised and not _second.taken.acquire(blocking=False):
        return compute()
    result = empty()

    def task() -> None:
        result[...] = compute()

    here.promised.add(id(result))
    _second.submit(task)
    return result


@contextmanager
def at_once() -> Iterator[None]:
    """Inside, nothing waits: for those who look at gradients on their way."""
    depth, here.depth = here.depth, 0
    try:
        yield
    finally:
        here.depth = depth


def settle(*arrays: Any) -> None:
    """Returns when the arrays are written. Raises what a task raised."""
    if any(id(array) in here.promised for array in arrays):
        finish()


def finish() -> None:
    """Returns when all is written. Raises what a task raised."""
    try:
        _second.complete()
    finally:
        here.promised.clear()


def _forget() -> None:
    """Threads do not survive a fork."""
    global _second
    _second = _Second()
    set_alone(False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
