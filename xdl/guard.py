"""What keeps the threads of a process apart: locks that are free in a forked process, and work away from interrupts."""

from __future__ import annotations

import os
from _thread import start_new_thread
from collections.abc import Callable
from threading import Lock, RLock


class Guard:
    """`with guard.lock:` lets one thread in at a time, the same one also within itself.

    A fork copies a lock as it is, but of all threads only the one that forked: what another thread held would stay
    taken for ever. So in every child the lock is a new one.
    """

    def __init__(self) -> None:
        self.renew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        """Makes a new lock, which nobody holds."""
        self.lock = RLock()


def undisturbed(work: Callable[[], None]) -> None:
    """Does short work in a thread of its own. What a handler of signals raises meanwhile (Ctrl-C) waits for its end.

    Python raises it in the main thread, wherever that is. In the midst of an import it can become another error, and
    in a callback of C it is lost. What the work raises is raised here.
    """
    errors: list[BaseException] = []
    running, done = [work], Lock()
    done.acquire()

    def attempt() -> None:
        try:
            work()
        except BaseException as error:  # raised for the caller below
            errors.append(error)
        finally:
            running.clear()
            done.release()

    try:
        start_new_thread(attempt, ())  # no Thread: where one is forgotten, Python loses an interrupt too
    except RuntimeError:  # where the system gives no more threads
        attempt()
    while running:
        try:
            done.acquire()
        except BaseException as interrupt:  # by a handler: a wait raises nothing itself
            errors.insert(0, interrupt)
    if errors:
        raise errors[0]
