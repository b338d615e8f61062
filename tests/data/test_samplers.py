"""Samplers by their statistics; splits and joined datasets."""

import numpy as np
import pytest

import xdl
from xdl.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)
from xdl.errors import DataError, SettingError, ShapeError
from xdl.random import Stream

TEN = TensorDataset(np.arange(10, dtype=np.float32), np.arange(10))


def generator():
    return Stream(5, "test")


def test_sequential_and_random_orders():
    assert list(SequentialSampler(TEN)) == list(range(10))
    sampler = RandomSampler(TEN, generator=generator())
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert all(isinstance(index, int) for index in first)


def test_random_samples_more_or_fewer_than_there_are():
    longer = list(RandomSampler(TEN, num_samples=25, generator=generator()))
    assert len(RandomSampler(TEN, num_samples=25)) == len(longer) == 25
    assert sorted(longer[:10]) == sorted(longer[10:20]) == list(range(10))
    assert len(set(longer[20:])) == 5
    shorter = list(RandomSampler(TEN, num_samples=4, generator=generator()))
    assert shorter == longer[:4]
    drawn = list(RandomSampler(TEN, replacement=True, num_samples=5000, generator=generator()))
    counts = np.bincount(drawn, minlength=10)
    assert ((counts - 500) ** 2 / 500).sum() < 27.9  # chi-squared, 9 degrees, 0.1 %
    assert len(set(drawn[:10])) < 10


def test_random_orders_follow_manual_seed_without_a_generator():
    orders = []
    for seed in (1, 1, 2):
        xdl.manual_seed(seed)
        orders.append(list(RandomSampler(TEN)))
    assert orders[0] == orders[1] != orders[2]


def test_every_first_index_is_as_likely():
    sampler = RandomSampler(range(5), generator=Stream(6, "test"))
    counts = np.bincount([next(iter(sampler)) for _ in range(2000)], minlength=5)
    assert ((counts - 400) ** 2 / 400).sum() < 18.5  # 4 degrees, 0.1 %


def test_weights_with_replacement_are_probabilities():
    weights = np.array([0, 1, 2, 0, 5, 0.0])
    drawn = np.fromiter(WeightedRandomSampler(weights, 8000, generator=generator()), np.int64)
    counts = np.bincount(drawn, minlength=6)
    assert counts[weights == 0].tolist() == [0, 0, 0]
    expected = 8000 * weights[weights > 0] / 8
    assert ((counts[weights > 0] - expected) ** 2 / expected).sum() < 13.8  # 2 degrees, 0.1 %


def test_weights_without_replacement_draw_each_once_and_the_heavy_ones_first():
    sampler = WeightedRandomSampler([1, 0, 3, 6], 3, replacement=False, generator=generator())
    orders = [list(sampler) for _ in range(3000)]
    assert all(sorted(order) == [0, 2, 3] for order in orders)
    firsts = np.bincount([order[0] for order in orders], minlength=4) / 3000
    assert np.abs(firsts - [0.1, 0, 0.3, 0.6]).max() < 0.03
    seconds = np.bincount([order[1] for order in orders if order[0] == 3], minlength=4)
    assert abs(seconds[2] / seconds.sum() - 0.75) < 0.04  # 3 of the 4 that are left


@pytest.mark.parametrize(
    ("weights", "num_samples", "message"),
    [
        ([1, -1], 1, "finite and >= 0"),
        ([1, np.nan], 1, "finite and >= 0"),
        ([0, 0], 1, "finite and >= 0"),
        ([[1], [2]], 1, "finite and >= 0"),
        ([1, 0, 1], 3, "num_samples <= the 2 weights above 0, found 3"),
        ([1, 1], 0, "num_samples >= 1, found 0"),
    ],
)
def test_weights_that_are_none_are_refused(weights, num_samples, message):
    with pytest.raises(SettingError, match=f"WeightedRandomSampler: expected .*{message}"):
        WeightedRandomSampler(weights, num_samples, replacement=False)


def test_subsets_in_random_order():
    sampler = SubsetRandomSampler([3, 5, 8], generator=generator())
    orders = {tuple(sampler) for _ in range(60)}
    assert {tuple(sorted(order)) for order in orders} == {(3, 5, 8)}
    assert len(orders) == 6


@pytest.mark.parametrize(("drop_last", "sizes"), [(False, [4, 4, 2]), (True, [4, 4])])
def test_batches_of_any_sampler(drop_last, sizes):
    for sampler in (SequentialSampler(TEN), range(10), list(range(10))):
        batches = list(BatchSampler(sampler, 4, drop_last))
        assert [len(batch) for batch in batches] == sizes
        assert np.concatenate(batches).tolist() == list(range(sum(sizes)))
        assert len(BatchSampler(sampler, 4, drop_last)) == len(sizes)


def test_a_loader_takes_samplers():
    loader = DataLoader(TEN, 3, sampler=[9, 1, 1, 4])
    assert [labels.tolist() for _, labels in loader] == [[9, 1, 1], [4]]
    batches = DataLoader(TEN, batch_sampler=[[0, 9], [5]])
    assert [labels.tolist() for _, labels in batches] == [[0, 9], [5]]
    assert (len(loader), len(batches), loader.batch_size, batches.batch_size) == (2, 2, 3, None)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 0}, "batch_size >= 1, found 0"),
        ({"batch_size": 2.0}, "batch_size >= 1, found 2.0"),
        ({"num_workers": -1}, "num_workers >= 0, found -1"),
        ({"prefetch_factor": 0}, "prefetch_factor >= 1, found 0"),
        ({"shuffle": True, "sampler": [1]}, "shuffle or sampler, found both"),
        ({"batch_sampler": [[1]], "shuffle": True}, "batch_sampler without"),
        ({"batch_sampler": [[1]], "sampler": [1]}, "batch_sampler without"),
        ({"batch_sampler": [[1]], "batch_size": 2}, "batch_sampler without"),
        ({"batch_sampler": [[1]], "drop_last": True}, "batch_sampler without"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings, message):
    with pytest.raises(SettingError, match=f"DataLoader: expected .*{message}"):
        DataLoader(TEN, **settings)


def test_a_sampler_that_leads_outside_is_named():
    for index in (10, -1):
        with pytest.raises(DataError, match=rf"indices in \[0, 10\), found {index}"):
            list(DataLoader(TEN, 2, sampler=[0, index]))


def test_datasets_one_after_the_other():
    joined = ConcatDataset([Subset(TEN, [7, 3]), TEN, Subset(TEN, [])])
    assert len(joined) == 12
    assert [joined[i][1] for i in range(12)] == [7, 3, *range(10)]
    numbers, labels = joined.batch([11, 0, 2, 1, 3])
    assert labels.tolist() == [9, 7, 0, 3, 1]
    assert numbers.tolist() == [9, 7, 0, 3, 1]
    assert joined.batch([2, 3])[1].tolist() == [0, 1]
    for index in (12, -1):
        with pytest.raises(IndexError, match=rf"\[0, 12\), found {index}"):
            joined[index]


def test_datasets_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="at least one dataset"):
        ConcatDataset([])
    wider = ConcatDataset([TEN, TensorDataset(np.zeros((3, 2), np.float32), np.zeros(3, np.int64))])
    with pytest.raises(ShapeError, match=r"\(\) float32 and \(2,\) float32"):
        wider.batch([0, 11])
    doubled = ConcatDataset([TEN, TensorDataset(np.zeros(3), np.zeros(3, np.int64))])
    with pytest.raises(ShapeError, match=r"\(\) float32 and \(\) float64"):
        doubled.batch([0, 11])


def test_random_splits_hold_each_sample_once():
    for lengths, sizes in (([7, 3], [7, 3]), ([0.5, 0.25, 0.25], [6, 2, 2]), ([0.9, 0.1], [9, 1]), ([0, 10], [0, 10])):
        parts = random_split(TEN, lengths, generator())
        assert [len(part) for part in parts] == sizes
        assert sorted(np.concatenate([part.indices for part in parts])) == list(range(10))
    first, again = random_split(TEN, [5, 5], generator()), random_split(TEN, [5, 5], generator())
    assert first[0].indices.tolist() == again[0].indices.tolist() != list(range(5))
    for lengths in ([7, 2], [0.5, 0.6], [-1, 11]):
        with pytest.raises(SettingError, match="sum to the 10 samples, or shares that sum to 1"):
            random_split(TEN, lengths)
