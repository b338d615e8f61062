"""Parts to train, to choose and to test on, of arrays, Tensors, lists and data sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xdl.data.dataset import Subset
from xdl.data.split.dealing import deal
from xdl.errors import DataError, SettingError, ShapeError
from xdl.tensor import Tensor


def split_indices(size: int, parts: Sequence[float], seed: int = 0, stratify: Any = None) -> list[np.ndarray]:
    """Indices of samples, int64, in parts that together hold each of 0 to size - 1 once, in an order by the seed.

    parts:    numbers of samples that sum to the size, or shares that sum to 1: [0.6, 0.2, 0.2] for training,
              validation and test. Of shares each part gets the whole number below, and the samples that are left over
              go to the parts that lost most
    stratify: (N,) class labels; then each part has each class in proportion, to within a sample or two

    Raises SettingError for parts that are no such numbers, DataError for labels that are none.
    """
    return deal(_lengths(parts, size), seed, stratify)


def train_test_split(*data: Any, test_size: float = 0.25, seed: int = 0, stratify: Any = None) -> list[Any]:
    """[train, test] of each of the data, one after the other: x, x_test, y, y_test = train_test_split(inputs, labels).

    data:      arrays, Tensors and lists with N samples each are cut alike; of a data set, the parts are `Subset`s
    test_size: samples in the test part, or their share, rounded up: 0.25 of 10 is 3
    stratify:  (N,) class labels; then both parts have each class in proportion, to within one sample

    For a validation part split the training part again, with another seed, or take `split_indices`. Raises ShapeError
    for data of different lengths, DataError for none and for labels that are none, SettingError for a part without
    samples.
    """
    if not data:
        raise DataError("train_test_split", "at least one array or data set", "none")
    sizes = {len(one) for one in data}
    if len(sizes) > 1:
        raise ShapeError("train_test_split", "data with equally many samples", [len(one) for one in data])
    (size,) = sizes
    test = _test_length(test_size, size)
    train, held_out = deal([size - test, test], seed, stratify)
    return [_taken(one, part) for one in data for part in (train, held_out)]


def _taken(data: Any, indices: np.ndarray) -> Any:
    if isinstance(data, np.ndarray | Tensor):
        return data[indices]
    if isinstance(data, list | tuple):
        return [data[i] for i in indices]
    return Subset(data, indices)


def _test_length(test_size: float, size: int) -> int:
    whole = isinstance(test_size, int) and not isinstance(test_size, bool)
    length = test_size if whole else int(np.ceil(test_size * size - 1e-9)) if 0 < test_size < 1 else 0
    if not 1 <= length < size:
        expected = f"test_size that leaves both parts some of the {size} samples"
        raise SettingError("train_test_split", expected, test_size)
    return int(length)


def _lengths(parts: Sequence[float], size: int) -> list[int]:
    if all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in parts) and sum(parts) == size:
        return [int(n) for n in parts]
    if not all(0 <= share <= 1 for share in parts) or abs(sum(parts) - 1) > 1e-6:
        expected = f"parts that sum to the {size} samples, or shares that sum to 1"
        raise SettingError("split_indices", expected, list(parts))
    lengths = [int(size * share + 1e-9) for share in parts]
    lost = [length - size * share for length, share in zip(lengths, parts, strict=True)]
    for i in sorted(range(len(parts)), key=lost.__getitem__)[: size - sum(lengths)]:
        lengths[i] += 1
    return lengths
