"""Folds for cross validation: each sample is tested on once, and trained on in all the other turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from xdl.data.sampler import positive
from xdl.data.split.dealing import deal, labels_of
from xdl.errors import DataError, SettingError


class Fold(NamedTuple):
    """One turn: sorted int64 indices to train on, and those that are held out for the test."""

    train: np.ndarray
    test: np.ndarray


def k_fold(size: int, folds: int = 5, seed: int = 0) -> list[Fold]:
    """Folds of `size` samples, shuffled by the seed; their lengths differ by one at most, the first are the longer.

    Raises SettingError for folds < 2 or above the size.
    """
    return _folds("k_fold", positive("k_fold", size, "size"), folds, seed, None)


def stratified_k_fold(labels: Any, folds: int = 5, seed: int = 0) -> list[Fold]:
    """Folds in which each class has its share, to within one sample. labels: (N,) class labels.

    With few samples a class, a plain fold may hold none of a class, and its measure jumps with the draw.

    R. Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and model selection", IJCAI 1995.
    Raises SettingError as `k_fold`, DataError for labels that are none and for a class with fewer samples than folds.
    """
    array = labels_of("stratified_k_fold", labels)
    names, counts = np.unique(array, return_counts=True)
    made = _folds("stratified_k_fold", len(array), folds, seed, array)
    if counts.min() < folds:
        found = f"{counts.min()} of class {names[counts.argmin()]}"
        raise DataError("stratified_k_fold", f"at least {folds} samples of each class, one a fold", found)
    return made


def _folds(operation: str, size: int, folds: int, seed: int, labels: np.ndarray | None) -> list[Fold]:
    if not isinstance(folds, int) or isinstance(folds, bool) or not 2 <= folds <= size:
        raise SettingError(operation, f"folds from 2 to the {size} samples", repr(folds))
    lengths = [size // folds + (i < size % folds) for i in range(folds)]
    return [_fold(size, test) for test in deal(lengths, seed, labels)]


def _fold(size: int, test: Sequence[int] | np.ndarray) -> Fold:
    held_out = np.zeros(size, dtype=bool)
    held_out[test] = True
    return Fold(np.flatnonzero(~held_out), np.flatnonzero(held_out))
