"""What a DataLoader is asked for, checked: combinations that make no sense, and what PyTorch has and xdl has not."""

from __future__ import annotations

from typing import Any

from xdl.data.sampler import check_generator
from xdl.errors import DataError, SettingError


def check_dataset(dataset: Any) -> None:
    """Raises DataError unless samples can be read by index."""
    if not hasattr(dataset, "__len__") or not (hasattr(dataset, "__getitem__") or hasattr(dataset, "batch")):
        hint = "Put the samples of an iterable into a list, or make it an IterableDataset"
        raise DataError("DataLoader", "a dataset with len(dataset) and dataset[index]", type(dataset).__name__, hint)


def check_counts(**counts: Any) -> None:
    """Raises SettingError unless each value is an integer of at least its lowest: name=(value, lowest)."""
    for name, (value, low) in counts.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise SettingError("DataLoader", f"{name} >= {low}", repr(value))


def check_order(
    shuffle: bool, sampler: object, batch_sampler: object, batch_size: int | None, drop_last: bool, transform: object
) -> None:
    """Raises SettingError where more than one argument says in which order, or how, the samples come."""
    if sampler is not None and shuffle:
        raise SettingError("DataLoader", "shuffle or sampler", "both", "A sampler decides the order alone")
    if batch_sampler is not None and (shuffle or sampler is not None or batch_size != 1 or drop_last):
        expected = "batch_sampler without batch_size, shuffle, sampler and drop_last"
        raise SettingError("DataLoader", expected, "several of them", "It decides order and size of the batches alone")
    if batch_size is None and (drop_last or transform is not None):
        found = "drop_last" if drop_last else "transform"
        raise SettingError("DataLoader", "batch_size where drop_last or transform is set", f"None with {found}")


def check_no_order(**given: object) -> None:
    """Raises SettingError where an argument is set that needs samples by index, of which an iterable has none."""
    for name, value in given.items():
        if value not in (None, False):
            raise SettingError("DataLoader", f"an IterableDataset without {name}", repr(value), "It has its own order")


def check_torch_options(
    num_workers: int,
    timeout: Any,
    worker_init_fn: object,
    multiprocessing_context: object,
    generator: object,
    seed: Any,
) -> None:
    """Raises SettingError for values of PyTorch's arguments that workers and streams of xdl cannot follow."""
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 <= timeout < float("inf"):
        raise SettingError("DataLoader", "timeout >= 0 seconds", repr(timeout))
    if timeout and not num_workers:
        raise SettingError("DataLoader", "num_workers >= 1 where timeout is set", num_workers, "Leave timeout out")
    if worker_init_fn is not None and not callable(worker_init_fn):
        raise SettingError("DataLoader", "worker_init_fn to be a function of the worker's number", repr(worker_init_fn))
    if multiprocessing_context is not None:
        hint = "Leave it out: workers are threads"
        raise SettingError("DataLoader", "multiprocessing_context = None", repr(multiprocessing_context), hint)
    check_generator("DataLoader", generator)
    if generator is not None and seed is not None:
        raise SettingError("DataLoader", "generator or seed", "both", "A seed makes the generator of the order")
