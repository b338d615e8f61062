"""Dealing samples to parts like cards: by the seed, and, where classes are given, each part its share of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.data.collate import host
from xdl.data.order import host_array
from xdl.errors import DataError
from xdl.random import Stream


def deal(lengths: Sequence[int], seed: int, stratify: Any = None) -> list[np.ndarray]:
    """Indices 0 to sum(lengths) - 1 in parts of exactly these lengths, int64, each part in an order by chance.

    stratify: (N,) class labels. The samples, by class and within a class shuffled, are laid in a row and dealt to the
              parts in turns, a part of twice the length getting twice as many turns, evenly spread. So each part's
              count of a class is its proportional share to within one sample where there are two parts or where
              their lengths differ by one at most, and to within two samples of three parts
    """
    size, stream = sum(lengths), Stream(seed, "split")
    order = stream.permutation(size, host_array())
    cuts = np.cumsum(lengths)[:-1]
    if stratify is None:
        return np.split(order, cuts)
    labels = labels_of("stratify", stratify, size)
    order = order[np.argsort(labels[order], kind="stable")]
    turns = np.concatenate([(np.arange(length) + 0.5) / max(length, 1) for length in lengths])
    owner = np.repeat(np.arange(len(lengths)), lengths)[np.argsort(turns, kind="stable")]
    place = stream.permutation(size, host_array())
    parts = [order[owner == i] for i in range(len(lengths))]
    return [part[np.argsort(place[part])] for part in parts]


def labels_of(name: str, labels: Any, size: int | None = None) -> np.ndarray:
    """The labels as an array. Raises DataError unless they are `size` whole numbers, truth values or words, (N,)."""
    array = host(labels) if not isinstance(labels, list) else np.asarray(labels)
    if array.ndim != 1 or (size is not None and len(array) != size):
        wanted = "(N,)" if size is None else f"({size},)"
        raise DataError(name, f"one label a sample, shape {wanted}", array.shape)
    if array.dtype.kind not in "iubU":
        raise DataError(name, "class labels: whole numbers, truth values or words", array.dtype)
    return array
