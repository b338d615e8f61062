"""What a worker thread of a DataLoader knows of itself, and where the random numbers of its batches come from."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from xdl import backend
from xdl.random import Stream, initial_seed, own_streams

T = TypeVar("T")


@dataclass(frozen=True)
class WorkerInfo:
    """A worker.

    id:      its number, 0 <= id < num_workers
    seed:    of the random numbers of this pass, and its number added
    dataset: what it reads. An IterableDataset is the worker's own copy (`copy.copy`), others are shared
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


_info: ContextVar[WorkerInfo | None] = ContextVar("info", default=None)


def get_worker_info() -> WorkerInfo | None:
    """In a worker of a DataLoader what it is, elsewhere None."""
    return _info.get()


class Workers:
    """The workers of one pass: how many, what they read, and the numbers that they draw.

    passed: tells this pass from others

    Which thread makes a batch is a matter of speed, so what a batch draws comes from streams of its own, which the
    seed, the pass and the batch's number decide.
    """

    def __init__(self, count: int, dataset: Any, init: Callable[[int], Any] | None, passed: str) -> None:
        self.count, self.dataset, self.init, self.passed = count, dataset, init, passed
        self.seed = self._number("")

    def begin(self, worker: int, dataset: Any = None) -> None:
        """On the worker's thread, before its first batch. dataset: its own, where it has one."""
        _info.set(WorkerInfo(worker, self.count, self.seed + worker, self.dataset if dataset is None else dataset))
        if self.init is not None:
            self.init(worker)

    def make(self, number: int, made: Callable[[], T]) -> T:
        """made(), with streams of the batch of this number."""
        with own_streams(self._number(f", batch {number}")):
            return made()

    def _number(self, which: str) -> int:
        numbers = Stream(initial_seed(), f"pass {self.passed}{which}")
        return int(numbers.integers(0, 1 << 62, (1,), backend.load("numpy").asarray([], "uint64"))[0])
