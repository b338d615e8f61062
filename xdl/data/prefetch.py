"""Worker threads that prepare batches ahead of the consumer.

Batches are numbered. A worker takes the lowest number that nobody has taken, prepares it, and puts it down; the
consumer picks them up in order, so that results do not depend on who was faster. At most `ahead` batches are taken
or waiting at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from threading import Condition, Thread
from time import monotonic
from typing import Generic, TypeVar

from xdl import threads
from xdl.errors import DataError

T = TypeVar("T")


@dataclass(frozen=True)
class _Failure:
    error: BaseException


class _Desk(Generic[T]):
    """What workers and consumer share; `changed` guards all of it. broken: what a worker raised before its first."""

    def __init__(self, make: Callable[[int], T], numbers: range, ahead: int, timeout: float) -> None:
        self.make, self.end, self.ahead, self.timeout = make, numbers.stop, ahead, timeout
        self.broken: _Failure | None = None
        self.next = self.wanted = numbers.start  # the number to be taken next, and the one the consumer waits for
        self.ready: dict[int, T | _Failure] = {}
        self.stopped = False
        self.changed = Condition()

    def work(self, worker: int, begin: Callable[[int], None] | None) -> None:
        """The life of a worker."""
        threads.work_alone()
        try:
            if begin is not None:
                begin(worker)
        except BaseException as error:  # raised again by the consumer
            with self.changed:
                self.broken = _Failure(error)
                self.changed.notify_all()
            return
        while (number := self._take()) is not None:
            try:
                made: T | _Failure = self.make(number)
            except BaseException as error:  # raised again by the consumer
                made = _Failure(error)
            with self.changed:
                self.ready[number] = made
                self.changed.notify_all()

    def _take(self) -> int | None:
        with self.changed:
            while not self.stopped and self.wanted + self.ahead <= self.next < self.end:
                self.changed.wait()
            if self.stopped or self.next >= self.end:
                return None
            self.next += 1
            return self.next - 1

    def pick_up(self) -> T:
        """The batch that comes next, waited for; raises what its worker raised, DataError when the time is over."""
        end = monotonic() + self.timeout if self.timeout else None
        with self.changed:
            while self.wanted not in self.ready and self.broken is None:
                left = None if end is None else end - monotonic()
                if left is not None and left <= 0:
                    expected = f"batch {self.wanted} within timeout = {self.timeout} seconds"
                    raise DataError("DataLoader", expected, "none yet", "Allow more, or look at what the dataset does")
                self.changed.wait(left)
            made = self.broken or self.ready.pop(self.wanted)
            self.wanted += 1
            self.changed.notify_all()
        if isinstance(made, _Failure):
            raise made.error
        return made

    def stop(self) -> None:
        """Workers end after the batch in their hands."""
        with self.changed:
            self.stopped = True
            self.ready.clear()
            self.changed.notify_all()


def prefetch(
    make: Callable[[int], T],
    numbers: range,
    workers: int,
    each_ahead: int,
    timeout: float = 0,
    begin: Callable[[int], None] | None = None,
) -> Generator[T, None, None]:
    """make(number) for all numbers in order, made by `workers` threads that are `each_ahead` batches ahead each.

    timeout: seconds to wait for a batch before a DataError, 0 for ever
    begin:   called by each thread with its number, before its first batch

    What `make` raises is raised here in its turn. When the iterator is closed, dropped or left by an exception,
    Ctrl-C too, the threads end by themselves; nobody waits for the batches that they still hold. Without workers
    each is made here when it is asked for.
    """
    if not workers:
        yield from map(make, numbers)
        return
    desk = _Desk(make, numbers, workers * each_ahead, timeout)
    try:
        for i in range(min(workers, len(numbers))):
            Thread(target=desk.work, args=(i, begin), daemon=True, name=f"xdl-data-{i}").start()
        for _ in numbers:
            yield desk.pick_up()
    finally:
        desk.stop()
