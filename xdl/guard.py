"""Locks of what the threads of a process share, free in a forked process."""

from __future__ import annotations

import os
from threading import RLock


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
