"""DataLoader: batches of a dataset as Tensors, in an order that the seed alone decides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xdl import random
from xdl.creation import tensor
from xdl.data.dataset import Dataset, gather
from xdl.data.labels import check_labels
from xdl.errors import SettingError
from xdl.tensor import Tensor


class DataLoader:
    """Iterating gives tuples of Tensors on the current backend: the parts of `batch_size` samples, stacked.

    dataset:     samples by index
    batch_size:  samples in a batch; the last one is smaller where they do not divide evenly
    shuffle:     a new random order for every pass over the data
    drop_last:   leaves a smaller last batch out
    seed:        the orders' own seed; without it they follow `xdl.manual_seed`, in the stream "shuffle"
    num_classes: where given, the last part of each batch holds labels and is checked on the host

    Each pass draws one permutation, so equal seeds give equal orders, pass by pass. Raises SettingError for
    batch_size < 1; iterating raises DataError for labels that are no integers in [0, num_classes).
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        *,
        seed: int | None = None,
        num_classes: int | None = None,
    ) -> None:
        if batch_size < 1:
            raise SettingError("DataLoader", "batch_size >= 1", batch_size)
        self.dataset, self.batch_size, self.shuffle, self.drop_last = dataset, batch_size, shuffle, drop_last
        self.num_classes = num_classes
        self._stream = random.stream("shuffle") if seed is None else random.Stream(seed, "shuffle")

    def __len__(self) -> int:
        """The number of batches in one pass."""
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        size = len(self.dataset)
        order = random.permutation(size, self._stream) if self.shuffle else np.arange(size)
        for i in range(len(self)):
            batch = gather(self.dataset, order[i * self.batch_size : (i + 1) * self.batch_size])
            if self.num_classes is not None:
                check_labels("DataLoader", batch[-1], self.num_classes)
            yield tuple([tensor(part) for part in batch])
