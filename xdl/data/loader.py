"""DataLoader: batches of a dataset as Tensors, in an order and with an augmentation that the seed alone decides."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from xdl import backend, random
from xdl.data.batch_sampler import BatchSampler, LengthError
from xdl.data.collate import Batch, Sample, collate, host, to_tensors
from xdl.data.dataset import Dataset, gather, read
from xdl.data.labels import check_labels
from xdl.data.loader_options import check_counts, check_dataset, check_no_order, check_order, check_torch_options
from xdl.data.passes import Pass, Passes
from xdl.data.prefetch import prefetch
from xdl.data.sampler import RandomSampler, SequentialSampler
from xdl.data.streaming.batches import batches, batches_of_workers
from xdl.data.streaming.dataset import IterableDataset
from xdl.data.streaming.readings import Readings
from xdl.data.streaming.workers import Workers
from xdl.errors import DataError, XdlError
from xdl.random import Stream

Transform = Callable[[np.ndarray, Stream], np.ndarray]  # transform(first part of a batch, numbers of this batch)
Collate = Callable[[Sequence[Sample]], Batch]


class DataLoader:
    """Iterating gives batches on the current backend: `batch_size` samples, put together by `collate`.

    Of samples that are tuples a batch is a list of Tensors, one for each part; of dicts a dict of Tensors; of single
    arrays or numbers one Tensor. The arguments up to `generator` stand in PyTorch's order.

    dataset:         samples by index, or an IterableDataset, which gives them in its own order
    batch_size:      samples in a batch; the last one is smaller where they do not divide evenly. None gives single
                     samples, their arrays as Tensors and nothing stacked
    shuffle:         a new random order for every pass over the data
    sampler:         another order, instead of shuffle
    batch_sampler:   gives the indices of a whole batch at a time, instead of the three above and drop_last
    num_workers:     threads that prepare batches ahead; results are the same for any number, 0 for none
    collate_fn:      makes a batch of a list of samples (default: `collate`); its arrays become Tensors, the rest
                     stays as it is
    pin_memory:      changes nothing: batches are made on the backend that uses them
    drop_last:       leaves a smaller last batch out
    timeout:         seconds to wait for a batch from workers before a DataError; 0 waits for ever
    worker_init_fn:  called with its number by each worker of a pass; not to seed it: what samples draw from xdl's
                     streams in a worker depends on the seed, the pass and the batch, whichever worker makes it
    multiprocessing_context: None; workers are threads
    generator:       the `xdl.random.Stream` that shuffle draws from, instead of seed
    prefetch_factor: batches that each worker may be ahead (None: 2)
    persistent_workers, pin_memory_device, in_order: change nothing: threads start at once, batches come in order
    transform:       augmentation of the batch's first part on the host, see `xdl.data.augment`
    seed:            the order's and the augmentation's own seed; without it both follow `xdl.manual_seed`
    num_classes:     where given, the last part of each batch holds labels and is checked on the host

    Each pass takes one step of the stream "shuffle" (if it shuffles) and one of "augment" (if it transforms), so
    equal seeds give equal passes. A sampler that draws has its own generator. Workers run Python code, so they help
    where preparing a batch mostly waits for files or for NumPy, which lets other threads run.

    Of an IterableDataset each worker reads a copy, all of it unless it asks `get_worker_info` for its share, and the
    workers' batches come in turn, as in PyTorch.

    Raises SettingError for settings that do not go together; iterating raises DataError for a sample that cannot be
    read, for indices outside the dataset, and for labels that are no integers in [0, num_classes).
    """

    def __init__(
        self,
        dataset: Dataset | IterableDataset,
        batch_size: int | None = 1,
        shuffle: bool | None = False,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Sequence[int] | np.ndarray] | None = None,
        num_workers: int = 0,
        collate_fn: Collate | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: None = None,
        generator: Stream | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
        transform: Transform | None = None,
        seed: int | None = None,
        num_classes: int | None = None,
    ) -> None:
        streamed = isinstance(dataset, IterableDataset)
        if not streamed:
            check_dataset(dataset)
        single, ahead = batch_size is None, 2 if prefetch_factor is None else prefetch_factor
        check_counts(
            batch_size=(1 if single else batch_size, 1), num_workers=(num_workers, 0), prefetch_factor=(ahead, 1)
        )
        check_torch_options(num_workers, timeout, worker_init_fn, multiprocessing_context, generator, seed)
        check_order(bool(shuffle), sampler, batch_sampler, batch_size, drop_last, transform)
        if streamed:
            check_no_order(
                shuffle=shuffle, sampler=sampler, batch_sampler=batch_sampler, transform=transform, seed=seed
            )
        self.dataset: Any
        self.dataset = dataset
        self.num_workers, self.prefetch_factor = num_workers, ahead
        self.collate_fn, self.transform, self.num_classes = collate_fn, transform, num_classes
        self.timeout, self.worker_init_fn = timeout, worker_init_fn
        self.pin_memory, self.drop_last, self.generator = pin_memory, drop_last, generator
        self.persistent_workers, self.pin_memory_device, self.in_order = persistent_workers, pin_memory_device, in_order
        self._single = single
        if streamed:
            batch_sampler = BatchSampler(self.dataset, batch_size or 1, drop_last)  # for its length alone
        elif batch_sampler is None:
            own = generator if seed is None else Stream(seed, "shuffle")
            default = RandomSampler(self.dataset, generator=own) if shuffle else SequentialSampler(self.dataset)
            sampler = default if sampler is None else sampler
            batch_sampler = BatchSampler(sampler, 1 if batch_size is None else batch_size, drop_last)
        self.sampler, self.batch_sampler = sampler, batch_sampler
        backend.load("numpy")  # before workers need it at once
        stream = random.stream("augment") if seed is None else Stream(seed, "augment")
        self._readings = Readings() if streamed else None
        self._passes = Passes(self.batch_sampler, None if transform is None else stream)

    @property
    def batch_size(self) -> int | None:
        """Samples in a batch; None where a batch sampler of one's own decides, and for single samples."""
        if self._single or not isinstance(self.batch_sampler, BatchSampler):
            return None
        return self.batch_sampler.batch_size

    def __len__(self) -> int:
        """The number of batches in one pass."""
        if not isinstance(self.batch_sampler, Sized):
            raise LengthError("DataLoader", "a batch_sampler with a length", type(self.batch_sampler).__name__)
        return len(self.batch_sampler)

    def __iter__(self) -> Iterator[Any]:
        """The batches of a new pass; after `load_state_dict` the rest of the one that was saved."""
        return self._batches(self._passes.begin()) if self._readings is None else self._streamed(self._readings)

    def _batches(self, current: Pass) -> Iterator[Any]:
        workers = self._workers(f"{current.number} from {current.before}")

        def make(number: int) -> Batch:
            made = partial(self._prepare, current, number)
            return made() if workers is None else workers.make(number, made)

        numbers = range(current.delivered, len(current.indices))
        how = (self.num_workers, self.prefetch_factor, self.timeout, None if workers is None else workers.begin)
        tuples = list if self.collate_fn is None else tuple
        with closing(prefetch(make, numbers, *how)) as prepared:
            for batch in prepared:
                delivered = to_tensors(batch, tuples)
                current.delivered += 1
                yield delivered
        self._passes.end(current)

    def _streamed(self, readings: Readings) -> Iterator[Any]:
        """The batches of a dataset that is iterated."""
        current = readings.begin()
        how = (self.prefetch_factor, self.timeout, self._read)
        workers = self._workers(f"{random.stream('workers').advance()} in turn")
        with closing(self._read(self.dataset) if workers is None else batches_of_workers(workers, *how)) as made:
            for batch in islice(made, current.skipped, None):
                if self.num_classes is not None:
                    check_labels("DataLoader", host(_part(batch, -1)), self.num_classes)
                delivered = to_tensors(batch, list if self.collate_fn is None else tuple)
                current.delivered += 1
                yield delivered
        readings.end(current)

    def _workers(self, passed: str) -> Workers | None:
        """The workers of a pass, None without any."""
        return Workers(self.num_workers, self.dataset, self.worker_init_fn, passed) if self.num_workers else None

    def _read(self, dataset: IterableDataset) -> Generator[Batch, None, None]:
        """The batches on the host, on the thread that reads the dataset."""
        alone: Collate = _itself if self._single else collate
        return batches(dataset, self.batch_size, self.drop_last, self.collate_fn or alone)

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
                batch = _with_first(batch, self.transform(host(_part(batch, 0)), current.numbers(number)))
        except XdlError:
            raise
        except Exception as error:
            made = f"batch {number} of samples {indices[:8].tolist()}"
            raise DataError("DataLoader", f"{made} to be made", f"{type(error).__name__}: {error}") from error
        if self.num_classes is not None:
            check_labels("DataLoader", host(_part(batch, -1)), self.num_classes)
        return batch

    def _assemble(self, indices: np.ndarray) -> Batch:
        if self._single:
            (sample,) = read(self.dataset, indices)
            return sample if self.collate_fn is None else self.collate_fn(sample)
        return (
            gather(self.dataset, indices) if self.collate_fn is None else self.collate_fn(read(self.dataset, indices))
        )

    def state_dict(self) -> dict[str, Any]:
        """Where the consumer stands: what the next pass depends on, and how much of this one was delivered.

        A pass is over when its iterator says so, after the last batch; one that was left early counts as unfinished.
        Of an IterableDataset it is the number of batches, which are read again and passed over.
        """
        return (self._passes if self._readings is None else self._readings).state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes back to where `state_dict` was called: the next iterator gives the batches that would have come.

        The number of workers may differ. A loader without a seed puts the streams "shuffle" and "augment" where they
        stood. Raises CheckpointError, and changes nothing, for something that is no such state, or where the dataset
        or the sampler gives other batches than in the pass that was saved.
        """
        (self._passes if self._readings is None else self._readings).load_state_dict(state)


def _itself(sample: Sample) -> Batch:
    return sample


def _part(batch: Batch, which: int) -> Any:
    """The first or last part of a batch: of the samples' tuple, or all of it where they are single arrays."""
    if isinstance(batch, list | tuple):
        return batch[which]
    if isinstance(batch, Mapping):
        hint = "Transform and check the samples in the dataset, or in a collate_fn"
        raise DataError("DataLoader", "samples without keys where transform or num_classes is set", "dicts", hint)
    return batch


def _with_first(batch: Batch, part: Any) -> Batch:
    return type(batch)([part, *batch[1:]]) if type(batch) in (list, tuple) else part
