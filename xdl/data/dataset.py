"""Datasets: samples by index, kept on the host until a loader makes batches of them.

A dataset is anything with `len(dataset)` and `dataset[index]`. One that can gather many samples at once also
has `batch(indices)`, which saves the loader a Python call per sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from xdl.data.labels import check_labels
from xdl.errors import DataError, ShapeError

Sample = tuple[Any, ...]  # the parts of one sample, usually (image, label)
Batch = tuple[np.ndarray, ...]  # the same parts of many samples, each with the samples along the first dimension


class Dataset(Protocol):
    """Samples by index, 0 <= index < len."""

    def __len__(self) -> int:
        """The number of samples."""

    def __getitem__(self, index: int) -> Sample:
        """One sample: a tuple of arrays and numbers."""


@runtime_checkable
class BatchDataset(Protocol):
    """A dataset that gathers many samples in one call."""

    def __len__(self) -> int:
        """The number of samples."""

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at these indices, stacked part by part."""


class TensorDataset:
    """Host arrays that share their first dimension N: sample i is `(arrays[0][i], arrays[1][i], ...)`.

    num_classes: where given, the last array holds class labels and is checked once, here

    Raises ShapeError unless all arrays have the same N, DataError for labels that are no integers in
    [0, num_classes) and for values that are no array of numbers.
    """

    def __init__(self, *arrays: Any, num_classes: int | None = None) -> None:
        self.arrays = tuple([np.asarray(a) for a in arrays])
        sizes = [len(a) if a.ndim else 0 for a in self.arrays]
        if not sizes or any(a.ndim == 0 for a in self.arrays) or len(set(sizes)) > 1:
            raise ShapeError("TensorDataset", "arrays that share their first dimension", [a.shape for a in self.arrays])
        for i, array in enumerate(self.arrays):
            if array.dtype.kind not in "biuf":
                raise DataError("TensorDataset", f"arrays[{i}] to hold numbers", array.dtype)
        if num_classes is not None:
            check_labels("TensorDataset", self.arrays[-1], num_classes)

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: int) -> Sample:
        return tuple([a[index] for a in self.arrays])

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at these indices: one gather per array."""
        return tuple([a[indices] for a in self.arrays])


class Subset:
    """The samples of a dataset at some indices, in that order.

    Raises DataError for an index outside the dataset.
    """

    def __init__(self, dataset: Dataset, indices: Sequence[int] | np.ndarray) -> None:
        self.dataset = dataset
        self.indices = np.asarray(indices, dtype=np.int64).reshape(-1)
        outside = self.indices[(self.indices < 0) | (self.indices >= len(dataset))]
        if outside.size:
            raise DataError("Subset", f"indices in [0, {len(dataset)})", int(outside[0]))

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Sample:
        return self.dataset[int(self.indices[index])]

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at these indices of the subset."""
        return gather(self.dataset, self.indices[indices])


def gather(dataset: Dataset, indices: Sequence[int] | np.ndarray) -> Batch:
    """The samples at these indices stacked part by part, through `batch` where the dataset has it."""
    if isinstance(dataset, BatchDataset):
        return dataset.batch(indices)
    return collate([dataset[int(i)] for i in indices])


def collate(samples: Sequence[Sample]) -> Batch:
    """Stacks samples part by part; Python floats become float32.

    Raises DataError where samples have different numbers of parts, ShapeError where a part's shapes differ.
    """
    if len({len(sample) for sample in samples}) != 1:
        raise DataError("collate", "samples with the same number of parts", sorted({len(s) for s in samples}))
    return tuple([_stack(part) for part in zip(*samples, strict=True)])


def _stack(values: tuple[Any, ...]) -> np.ndarray:
    if isinstance(values[0], float) and not isinstance(values[0], np.floating):
        return np.array(values, dtype=np.float32)
    shapes = sorted({np.shape(v) for v in values})
    if len(shapes) > 1:
        raise ShapeError("collate", "the same shape in every sample", f"{shapes[0]} and {shapes[1]}")
    return np.stack(values)
