"""DataLoader: sizes, order, seeds, labels, backends."""

import numpy as np
import pytest

import xdl
from xdl.data import DataLoader, TensorDataset
from xdl.errors import DataError, SettingError

NUMBERS = TensorDataset(np.arange(10, dtype=np.float32), np.arange(10))


def order(loader):
    """The samples of one pass, in the order in which they came."""
    return [int(label) for _, labels in loader for label in labels.tolist()]


@pytest.mark.parametrize(
    ("batch_size", "drop_last", "sizes"),
    [
        (1, False, [1] * 10),
        (4, False, [4, 4, 2]),
        (4, True, [4, 4]),
        (5, True, [5, 5]),
        (20, False, [10]),
        (20, True, []),
    ],
)
def test_sizes_of_batches(batch_size, drop_last, sizes):
    loader = DataLoader(NUMBERS, batch_size, drop_last=drop_last)
    assert [len(labels) for _, labels in loader] == sizes
    assert len(loader) == len(sizes)


def test_without_shuffle_the_order_is_the_datas():
    assert order(DataLoader(NUMBERS, 3)) == list(range(10))


def test_shuffling_permutes_anew_in_every_pass():
    loader = DataLoader(NUMBERS, 3, shuffle=True)
    passes = [order(loader) for _ in range(3)]
    assert all(sorted(one) == list(range(10)) for one in passes)
    assert len({tuple(one) for one in [*passes, range(10)]}) == 4


def test_the_seed_decides_the_order():
    first, again, other = (DataLoader(NUMBERS, 3, shuffle=True, seed=seed) for seed in (7, 7, 8))
    xdl.manual_seed(1)  # a seed of its own does not hear of it
    passes = [order(first), order(first)]
    assert [order(again), order(again)] == passes
    assert order(other) not in passes


def test_without_a_seed_the_order_follows_manual_seed():
    orders = []
    for seed in (3, 3, 4):
        xdl.manual_seed(seed)
        orders.append(order(DataLoader(NUMBERS, 3, shuffle=True)))
    assert orders[0] == orders[1] != orders[2]


def test_the_size_of_batches_does_not_change_the_order():
    assert order(DataLoader(NUMBERS, 2, shuffle=True, seed=5)) == order(DataLoader(NUMBERS, 7, shuffle=True, seed=5))


def test_batches_live_on_the_current_backend(each_backend):
    images, labels = next(iter(DataLoader(NUMBERS, 4)))
    assert xdl.backend.of(images.array) is each_backend
    assert (images.dtype, labels.dtype) == ("float32", "int64")


def test_a_batch_is_a_copy():
    images, _ = next(iter(DataLoader(NUMBERS, 4)))
    images[...] = -1.0
    assert NUMBERS.arrays[0].tolist() == list(range(10))


def test_labels_of_any_dataset_are_checked_on_the_host():
    loader = DataLoader(NUMBERS, 4, num_classes=9)
    with pytest.raises(DataError, match=r"labels in \[0, 9\), found 9"):
        list(loader)


def test_an_empty_batch_is_refused():
    with pytest.raises(SettingError, match="batch_size >= 1, found 0"):
        DataLoader(NUMBERS, 0)
