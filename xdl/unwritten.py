"""Gradients that a kernel has handed out while it still writes them, so that backward goes on meanwhile.

    here.depth > 0              a backward pass runs in this thread, whose engine waits for what is in `unwritten`
    here.unwritten[id(dw)] = f  a kernel: dw is handed out, and written when f() returns
    here.settle(dw)             the engine, before it reads a gradient itself
    here.finish()               the engine, at the end

`overlap.py` uses it. While somebody watches, depth stays 0: who looks at gradients sees what is written.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import local
from typing import Any


class _Here(local):
    """Of each thread: how many backward passes are under way, and by the ids of arrays what waits for them."""

    def __init__(self) -> None:
        self.depth = 0
        self.unwritten: dict[int, Callable[[], None]] = {}

    def settle(self, *arrays: Any) -> None:
        """Returns when these arrays are written."""
        if any(id(array) in self.unwritten for array in arrays):
            self.finish()

    def finish(self) -> None:
        """Returns when all is written. Raises what went wrong there."""
        try:
            for wait in set(self.unwritten.values()):
                wait()
        finally:
            self.unwritten.clear()


here = _Here()
