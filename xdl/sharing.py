"""Work in items that go to whichever thread is free first.

Backward leaves the gradients of filters to a second thread (`overlap.py`) and goes on alone. What it does meanwhile it
shares: done with its own, the second thread is awake and joins in, item by item, and nobody waits for long. So both
cores are busy, though neither knows how long the other will take.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from xdl.threads import Part, acquire, get_num_threads, inside_part, is_alone, parallel, serial


class _Offer:
    """What the caller works on, open to the second thread."""

    def __init__(self, part: Part) -> None:
        self.part, self.open, self.inside = part, True, Lock()
        self.error: BaseException | None = None

    def join(self) -> None:
        """Takes part, on the second thread."""
        with self.inside:
            if self.open:
                try:
                    self.part(1, 2, 1)
                except BaseException as error:  # handed to the caller in `close`
                    self.error = error

    def close(self) -> None:
        """Waits until the second thread is out, and raises what went wrong there."""
        interrupt = acquire(self.inside)
        self.open = False
        self.inside.release()
        if (error := self.error or interrupt) is not None:
            raise error


_offer: _Offer | None = None


def share(part: Callable[[int, int], None], n: int, pays: bool) -> None:
    """Runs part(item, thread) for all items of range(n), each on the thread that is free first.

    What an item writes must not depend on the thread. An exception of any item is raised here. pays: whether the
    work is worth waking a thread; the second thread, if it is awake, joins in anyway.
    """
    global _offer
    left = iter(range(n))

    def items(low: int, high: int, thread: int) -> None:
        for item in left:
            part(item, thread)

    if not is_alone() or inside_part():
        if pays:
            parallel(items, get_num_threads())
        else:
            serial(items, 1)
        return
    _offer = offer = _Offer(items)
    try:
        items(0, 1, 0)
    finally:
        _offer = None
        offer.close()


def join_in() -> None:
    """For the second thread: helps with what a caller shares, if one does."""
    if (offer := _offer) is not None:
        offer.join()
