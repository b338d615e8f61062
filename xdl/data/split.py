"""Splitting a data set: by chance, or by rule, the same for every seed and machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl import random
from xdl.data.dataset import Dataset, Subset
from xdl.data.sampler import check_generator
from xdl.errors import DataError, SettingError
from xdl.random import Stream


def stratified_split(labels: Any, every: int) -> tuple[np.ndarray, np.ndarray]:
    """(kept, held_out): of each class, in the order of the data, one sample in `every` is held out.

    labels: (N,) class labels
    every:  5 holds out a fifth of each class, the middle one of every five: its 3rd, 8th, 13th, ... sample

    Both results are sorted int64 indices; together they name each sample once. Raises DataError unless
    every >= 2 and labels has one dimension.
    """
    array = np.asarray(labels)
    if every < 2:
        raise DataError("stratified_split", "every >= 2", every)
    if array.ndim != 1:
        raise DataError("stratified_split", "one label a sample, shape (N,)", array.shape)
    held_out = np.zeros(len(array), dtype=bool)
    for label in np.unique(array):
        members = np.flatnonzero(array == label)
        held_out[members[every // 2 :: every]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def stratified_order(labels: Any) -> np.ndarray:
    """Indices (N,) of all samples, int64, in an order of which each part has the classes in nearly their proportions.

    The k-th sample of a class with n of them stands at (k + 1/2) / n of the way; in data that are sorted by class,
    the first tenth of this order has a tenth of each class. Raises DataError unless labels has one dimension.
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        raise DataError("stratified_order", "one label a sample, shape (N,)", array.shape)
    place = np.empty(len(array))
    for label in np.unique(array):
        members = np.flatnonzero(array == label)
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.argsort(place, kind="stable")


def random_split(dataset: Dataset, lengths: Sequence[float], generator: Stream | None = None) -> list[Subset]:
    """Subsets of these lengths that together hold each sample once, drawn by chance.

    lengths:   numbers of samples that sum to len(dataset), or shares that sum to 1: [0.8, 0.2]; of shares, samples
               that rounding down leaves over go to the parts in turn, from the first on
    generator: the stream to draw from, `random.stream("shuffle")` without it

    Memory goes to one permutation, of which the subsets are parts. Raises SettingError for lengths that are no such
    numbers, and for a generator that is no Stream.
    """
    check_generator("random_split", generator)
    size = len(dataset)
    sizes = _sizes(lengths, size)
    order = random.permutation(size, generator)
    cuts = np.cumsum(sizes)[:-1]
    return [Subset(dataset, part) for part in np.split(order, cuts)]


def _sizes(lengths: Sequence[float], size: int) -> list[int]:
    if all(isinstance(n, int) and n >= 0 for n in lengths) and sum(lengths) == size:
        return [int(n) for n in lengths]
    if not all(0 <= share <= 1 for share in lengths) or abs(sum(lengths) - 1) > 1e-6:
        expected = f"lengths that sum to the {size} samples, or shares that sum to 1"
        raise SettingError("random_split", expected, list(lengths))
    sizes = [int(size * share) for share in lengths]
    for i in range(size - sum(sizes)):
        sizes[i % len(sizes)] += 1
    return sizes
