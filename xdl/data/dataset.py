"""Datasets: samples by index, kept on the host until a loader makes batches of them.

A dataset is anything with `len(dataset)` and `dataset[index]`. One that can gather many samples at once also
has `batch(indices)`, which saves the loader a Python call per sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from xdl.creation import tensor
from xdl.data.collate import DTYPES, Batch, Sample, collate, host
from xdl.data.containers import join
from xdl.data.labels import check_labels
from xdl.data.order import as_indices
from xdl.errors import DataError, ShapeError
from xdl.tensor import Tensor


class Dataset(Protocol):
    """Samples by index, 0 <= index < len."""

    def __len__(self) -> int:
        """The number of samples."""

    def __getitem__(self, index: int) -> Sample:
        """One sample: a number, array or Tensor, or a tuple, dict or list of such."""


@runtime_checkable
class BatchDataset(Protocol):
    """A dataset that gathers many samples in one call."""

    def __len__(self) -> int:
        """The number of samples."""

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at these indices, stacked part by part."""


class TensorDataset:
    """Arrays or Tensors that share their first dimension N: sample i is `(arrays[0][i], arrays[1][i], ...)`.

    num_classes: where given, the last array holds class labels and is checked once, here

    A sample of a Tensor is a Tensor. Batches are gathered on the host: `arrays` holds host arrays, of Tensors views
    where they lie there. Raises ShapeError unless all have the same N, DataError for labels that are no integers in
    [0, num_classes), for values that are no array of numbers, and for Tensors that require a gradient.
    """

    def __init__(self, *arrays: Any, num_classes: int | None = None) -> None:
        self.arrays = tuple([host(a) for a in arrays])
        self._given = tuple([a if isinstance(a, Tensor) else self.arrays[i] for i, a in enumerate(arrays)])
        sizes = [len(a) if a.ndim else 0 for a in self.arrays]
        if not sizes or any(a.ndim == 0 for a in self.arrays) or len(set(sizes)) > 1:
            raise ShapeError("TensorDataset", "arrays that share their first dimension", [a.shape for a in self.arrays])
        for i, array in enumerate(self.arrays):
            if array.dtype.name not in DTYPES:
                raise DataError("TensorDataset", f"arrays[{i}] to hold numbers of xdl's dtypes", array.dtype)
        if num_classes is not None:
            check_labels("TensorDataset", self.arrays[-1], num_classes)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """The Tensors that were given, and copies on the current backend of the arrays."""
        return tuple([a if isinstance(a, Tensor) else tensor(a) for a in self._given])

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: int) -> Sample:
        if isinstance(index, int | np.integer) and not -len(self) <= index < len(self):
            raise IndexError(f"TensorDataset: expected an index in [0, {len(self)}), found {index}")
        return tuple([a[index] for a in self._given])

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at these indices: one gather per array."""
        return tuple([a[indices] for a in self.arrays])


class Subset:
    """The samples of a dataset at some indices, in that order.

    indices: integers, as int64 (n,); a range stays one and takes no memory

    Raises DataError for an index outside the dataset, and for indices that are no integers.
    """

    def __init__(self, dataset: Dataset, indices: Sequence[int] | np.ndarray) -> None:
        self.dataset = dataset
        self.indices = indices if isinstance(indices, range) else as_indices("Subset", indices)
        if len(self.indices):
            ends = (self.indices[0], self.indices[-1]) if isinstance(self.indices, range) else self.indices
            for end in (int(np.min(ends)), int(np.max(ends))):
                if not 0 <= end < len(dataset):
                    raise DataError("Subset", f"indices in [0, {len(dataset)})", end)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Sample:
        return self.dataset[int(self.indices[index])]

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at these indices of the subset."""
        if isinstance(self.indices, range):
            return gather(self.dataset, self.indices.start + self.indices.step * np.asarray(indices, np.int64))
        return gather(self.dataset, self.indices[indices])


class ConcatDataset:
    """Several datasets, one after the other.

    Raises DataError for an empty list.
    """

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise DataError("ConcatDataset", "at least one dataset", "an empty list")
        self.ends = np.cumsum([len(dataset) for dataset in self.datasets])

    def __len__(self) -> int:
        return int(self.ends[-1])

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < len(self):
            raise IndexError(f"ConcatDataset: expected an index in [0, {len(self)}), found {index}")
        which = int(np.searchsorted(self.ends, index, side="right"))
        return self.datasets[which][index - self._start(which)]

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at these indices: one gather per dataset that holds some of them."""
        wanted = np.asarray(indices, dtype=np.int64)
        owners = np.searchsorted(self.ends, wanted, side="right")
        used = np.unique(owners)
        if len(used) < 2:
            only = int(used[0]) if len(used) else 0
            return gather(self.datasets[only], wanted - self._start(only))
        parts = [gather(self.datasets[i], wanted[owners == i] - self._start(i)) for i in used]
        back = np.argsort(np.argsort(owners, kind="stable"), kind="stable")
        return join(parts, back, "ConcatDataset")

    def _start(self, which: int) -> int:
        return int(self.ends[which - 1]) if which else 0


def gather(dataset: Dataset, indices: Sequence[int] | np.ndarray) -> Batch:
    """The samples at these indices as one batch, through `batch` where the dataset has it."""
    if isinstance(dataset, BatchDataset):
        return dataset.batch(indices)
    return collate(read(dataset, indices), indices)


def read(dataset: Dataset, indices: Sequence[int] | np.ndarray) -> list[Sample]:
    """The samples at these indices, through `__getitems__` where the dataset has it.

    Raises DataError for a sample that cannot be read: it names the index, and its cause is what the dataset raised.
    """
    if hasattr(dataset, "__getitems__"):
        return list(dataset.__getitems__([int(index) for index in indices]))
    samples = []
    for index in map(int, indices):
        try:
            samples.append(dataset[index])
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            raise DataError(type(dataset).__name__, f"a sample at index {index}", found) from error
    return samples
