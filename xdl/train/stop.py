"""Signals during a training: noted at once, obeyed where the training is whole."""

from __future__ import annotations

import signal
from threading import current_thread, main_thread
from types import FrameType, TracebackType
from typing import Any

from xdl.errors import Interrupted


class Stop:
    """Notes SIGINT (Ctrl-C) and SIGTERM while the `with` block runs, so that a loop can end between two steps.

    signal: the number of the signal that came, or None

    A second signal raises `Interrupted` wherever the program is. A signal that nobody asked for during the block
    raises it at the block's end. Python takes signals in the main thread only: elsewhere nothing is noted. A signal
    that is ignored (as Ctrl-C under nohup) or handled outside Python stays so; all handlers come back at the end.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        if current_thread() is main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        if kind is None and self.signal is not None:
            raise Interrupted(self.signal, "after the last step")

    def _note(self, number: int, _: FrameType | None) -> None:
        if self.signal is not None:
            raise Interrupted(number, "for the second time")
        self.signal = number
