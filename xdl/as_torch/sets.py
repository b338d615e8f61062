"""`torch.utils.data.Dataset` as a class, which `isinstance` asks for; xdl's own is whatever has samples by index."""

from __future__ import annotations

import re
from abc import ABCMeta
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from xdl import data
from xdl.errors import BackendError, expect
from xdl.random import Stream

T = TypeVar("T", covariant=True)


class Dataset(Generic[T], metaclass=ABCMeta):
    """Samples by index: a subclass defines `__getitem__` and `__len__`. xdl's own data sets count as such."""

    def __getitem__(self, index: Any) -> T:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__")

    def __add__(self, other: Any) -> data.ConcatDataset:
        return data.ConcatDataset([self, other])  # type: ignore[list-item]  # a subclass defines the rest


for _own in (data.TensorDataset, data.Subset, data.ConcatDataset, data.IterableDataset):
    Dataset.register(_own)


class DistributedSampler:
    """All indices of a data set, shuffled anew in each epoch: this process is the only one.

    Raises BackendError for several replicas.
    """

    def __init__(
        self,
        dataset: Any,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,  # noqa: ARG002
    ) -> None:
        alone = num_replicas in (None, 1) and rank in (None, 0)
        expect(alone, BackendError, "DistributedSampler", "one replica: xdl computes in one process", num_replicas)
        self.dataset, self.shuffle, self.seed, self.epoch = dataset, shuffle, seed, 0

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[int]:
        n = len(self)
        drawn = Stream(self.seed, f"epoch {self.epoch}").permutation(n).tolist() if self.shuffle else range(n)
        return iter(drawn)

    def set_epoch(self, epoch: int) -> None:
        """What the order follows."""
        self.epoch = epoch


np_str_obj_array_pattern = re.compile(r"[SaUO]")
default_collate, default_convert = data.default_collate, data.default_convert

__all__ = ["Dataset", "DistributedSampler", "default_collate", "default_convert", "np_str_obj_array_pattern"]
