"""DataLoader: batches of a dataset as Tensors, in an order and with an augmentation that the seed alone decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import closing
from typing import Any

import numpy as np

from xdl import backend, random
from xdl.creation import tensor
from xdl.data.collate import Batch, Sample
from xdl.data.dataset import Dataset, gather, read
from xdl.data.labels import check_labels
from xdl.data.passes import Pass, Passes
from xdl.data.prefetch import prefetch
from xdl.data.sampler import BatchSampler, RandomSampler, SequentialSampler
from xdl.errors import DataError, SettingError, XdlError
from xdl.random import Stream
from xdl.tensor import Tensor

Transform = Callable[[np.ndarray, Stream], np.ndarray]  # transform(first part of a batch, numbers of this batch)
Collate = Callable[[Sequence[Sample]], Batch]


class DataLoader:
    """Iterating gives tuples of Tensors on the current backend: the parts of `batch_size` samples, stacked.

    dataset:         samples by index
    batch_size:      samples in a batch; the last one is smaller where they do not divide evenly
    shuffle:         a new random order for every pass over the data
    sampler:         another order, instead of shuffle
    batch_sampler:   gives the indices of a whole batch at a time, instead of the three above and drop_last
    num_workers:     threads that prepare batches ahead; results are the same for any number, 0 for none
    collate_fn:      makes host arrays of a list of samples (default: stacks them part by part)
    drop_last:       leaves a smaller last batch out
    prefetch_factor: batches that each worker may be ahead
    transform:       augmentation of the batch's first part on the host, see `xdl.data.augment`
    seed:            the order's and the augmentation's own seed; without it both follow `xdl.manual_seed`
    num_classes:     where given, the last part of each batch holds labels and is checked on the host

    Each pass takes one step of the stream "shuffle" (if it shuffles) and one of "augment" (if it transforms), so
    equal seeds give equal passes. A sampler that draws has its own generator. Workers run Python code, so they help
    where preparing a batch mostly waits for files or for NumPy, which lets other threads run.

    Raises SettingError for settings that do not go together; iterating raises DataError for a sample that cannot be
    read, for indices outside the dataset, and for labels that are no integers in [0, num_classes).
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool = False,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Sequence[int] | np.ndarray] | None = None,
        num_workers: int = 0,
        collate_fn: Collate | None = None,
        *,
        drop_last: bool = False,
        prefetch_factor: int = 2,
        transform: Transform | None = None,
        seed: int | None = None,
        num_classes: int | None = None,
    ) -> None:
        _check_counts(batch_size=(batch_size, 1), num_workers=(num_workers, 0), prefetch_factor=(prefetch_factor, 1))
        _check_order(shuffle, sampler, batch_sampler, batch_size, drop_last)
        self.dataset, self.num_workers, self.prefetch_factor = dataset, num_workers, prefetch_factor
        self.collate_fn, self.transform, self.num_classes = collate_fn, transform, num_classes
        if sampler is None:
            own = None if seed is None else Stream(seed, "shuffle")
            sampler = RandomSampler(dataset, generator=own) if shuffle else SequentialSampler(dataset)
        self.batch_sampler = BatchSampler(sampler, batch_size, drop_last) if batch_sampler is None else batch_sampler
        backend.load("numpy")  # before workers need it at once
        stream = random.stream("augment") if seed is None else Stream(seed, "augment")
        self._passes = Passes(self.batch_sampler, None if transform is None else stream)

    @property
    def batch_size(self) -> int | None:
        """Samples in a batch; None where a batch sampler of one's own decides."""
        return self.batch_sampler.batch_size if isinstance(self.batch_sampler, BatchSampler) else None

    def __len__(self) -> int:
        """The number of batches in one pass."""
        if not isinstance(self.batch_sampler, Sized):
            raise SettingError("DataLoader", "a batch_sampler with a length", type(self.batch_sampler).__name__)
        return len(self.batch_sampler)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """The batches of a new pass; after `load_state_dict` the rest of the one that was saved."""
        return self._batches(self._passes.begin())

    def _batches(self, current: Pass) -> Iterator[tuple[Tensor, ...]]:
        def make(number: int) -> Batch:
            return self._prepare(current, number)

        numbers = range(current.delivered, len(current.indices))
        with closing(prefetch(make, numbers, self.num_workers, self.prefetch_factor)) as prepared:
            for batch in prepared:
                delivered = tuple([tensor(part) for part in batch])
                current.delivered += 1
                yield delivered
        self._passes.end(current)

    def _prepare(self, current: Pass, number: int) -> Batch:
        """A batch on the host. Runs on any thread: it depends on its arguments alone."""
        indices = current.indices[number]
        size = len(self.dataset)
        outside = indices[(indices < 0) | (indices >= size)]
        if outside.size:
            raise DataError("DataLoader", f"a sampler that gives indices in [0, {size})", int(outside[0]))
        try:
            batch = self._assemble(indices)
            if self.transform is not None:
                batch = (self.transform(batch[0], current.numbers(number)), *batch[1:])
        except XdlError:
            raise
        except Exception as error:
            made = f"batch {number} of samples {indices[:8].tolist()}"
            raise DataError("DataLoader", f"{made} to be made", f"{type(error).__name__}: {error}") from error
        if self.num_classes is not None:
            check_labels("DataLoader", batch[-1], self.num_classes)
        return batch

    def _assemble(self, indices: np.ndarray) -> Batch:
        if self.collate_fn is None:
            return gather(self.dataset, indices)
        return tuple(self.collate_fn(read(self.dataset, indices)))

    def state_dict(self) -> dict[str, Any]:
        """Where the consumer stands: what the next pass depends on, and how much of this one was delivered.

        A pass is over when its iterator says so, after the last batch; one that was left early counts as unfinished.
        """
        return self._passes.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes back to where `state_dict` was called: the next iterator gives the batches that would have come.

        The number of workers may differ. A loader without a seed puts the streams "shuffle" and "augment" where they
        stood. Raises CheckpointError, and changes nothing, for something that is no such state, or where the dataset
        or the sampler gives other batches than in the pass that was saved.
        """
        self._passes.load_state_dict(state)


def _check_counts(**counts: Any) -> None:
    """Raises SettingError unless each value is an integer of at least its lowest: name=(value, lowest)."""
    for name, (value, low) in counts.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise SettingError("DataLoader", f"{name} >= {low}", repr(value))


def _check_order(shuffle: bool, sampler: object, batch_sampler: object, batch_size: int, drop_last: bool) -> None:
    """Raises SettingError where more than one argument says in which order the samples come."""
    if sampler is not None and shuffle:
        raise SettingError("DataLoader", "shuffle or sampler", "both", "A sampler decides the order alone")
    if batch_sampler is not None and (shuffle or sampler is not None or batch_size != 1 or drop_last):
        expected = "batch_sampler without batch_size, shuffle, sampler and drop_last"
        raise SettingError("DataLoader", expected, "several of them", "It decides order and size of the batches alone")
