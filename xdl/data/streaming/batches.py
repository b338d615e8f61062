"""Batches of a dataset that is iterated, also by several workers, each of which reads a copy of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing
from copy import copy
from itertools import islice
from sys import maxsize
from typing import Any

from xdl.data.collate import Batch, Sample
from xdl.data.prefetch import prefetch
from xdl.data.streaming.dataset import IterableDataset
from xdl.data.streaming.workers import Workers

Collate = Callable[[Sequence[Sample]], Batch]
Batches = Generator[Batch, None, None]
END = object()


def batches(dataset: IterableDataset, size: int | None, drop_last: bool, collate: Collate) -> Batches:
    """The samples in batches of `size`, made by `collate`; the last one may be smaller, or is left out.

    size: None hands single samples to `collate`
    """
    samples = iter(dataset)
    if size is None:
        yield from map(collate, samples)
        return
    while some := list(islice(samples, size)):
        if len(some) == size or not drop_last:
            yield collate(some)


def batches_of_workers(
    workers: Workers, ahead: int, timeout: float, begin: Callable[[IterableDataset], Batches]
) -> Batches:
    """A batch of each worker in turn, as long as it has one: worker 0, 1, ..., 0, 1, ... as in PyTorch.

    begin: the batches of a worker's copy of the dataset; called on its thread

    All workers read the whole dataset, unless it asks `get_worker_info` which part is theirs.
    """
    with ExitStack() as stack:
        active = [stack.enter_context(closing(_one(workers, i, ahead, timeout, begin))) for i in range(workers.count)]
        while active:
            for worker in active.copy():
                batch = next(worker, END)
                if batch is END:
                    active.remove(worker)
                else:
                    yield batch


def _one(
    workers: Workers, worker: int, ahead: int, timeout: float, begin: Callable[[IterableDataset], Batches]
) -> Batches:
    dataset = copy(workers.dataset)
    source: list[Batches] = []

    def start(_: int) -> None:
        workers.begin(worker, dataset)
        source.append(begin(dataset))

    def make(number: int) -> Any:
        return workers.make(number * workers.count + worker, lambda: next(source[0], END))

    with closing(prefetch(make, range(maxsize), 1, ahead, timeout, start)) as made:
        for batch in made:
            if batch is END:
                return
            yield batch
