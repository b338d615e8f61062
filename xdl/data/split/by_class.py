"""Splitting by rule: every so many samples of each class, the same without any chance."""

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
