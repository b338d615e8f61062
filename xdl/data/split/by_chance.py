"""Splitting a data set by chance, the same for every seed and machine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xdl import random
from xdl.data.dataset import Dataset, Subset
from xdl.data.sampler import check_generator
from xdl.errors import SettingError
from xdl.random import Stream


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
