"""Splitting a labelled set without chance: the same samples are held out on every machine and for every seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.errors import DataError


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
