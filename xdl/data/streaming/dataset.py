"""Datasets without an index: samples that come one after the other, as from a file or a socket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from xdl.data.collate import Sample
from xdl.errors import KindError, expect


class IterableDataset:
    """Base of the datasets that are iterated: a class of one's own defines `__iter__`, and `__len__` if it knows it.

    `a + b` is first the one, then the other.
    """

    def __iter__(self) -> Iterator[Sample]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__ method")

    def __add__(self, other: Any) -> ChainDataset:
        return ChainDataset([self, other])


class ChainDataset(IterableDataset):
    """Several of them, one after the other; each is begun when the one before it has ended.

    Raises KindError, when it is iterated, for a dataset that is no IterableDataset.
    """

    def __init__(self, datasets: Iterable[IterableDataset]) -> None:
        self.datasets = datasets

    def __iter__(self) -> Iterator[Sample]:
        for dataset in self.datasets:
            kind = type(dataset).__name__
            expect(isinstance(dataset, IterableDataset), KindError, "ChainDataset", "IterableDatasets", kind)
            yield from dataset

    def __len__(self) -> int:
        parts: list[Any] = [*self.datasets]
        return sum(map(len, parts))  # or the TypeError of one without a length
