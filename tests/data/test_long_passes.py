"""Passes of any length take no memory for their indices, are resumed, and draw the numbers they always drew."""

import json
import tracemalloc

import numpy as np
import pytest

import xdl
from xdl.data import BatchSampler, DataLoader, RandomSampler, Subset, TensorDataset, WeightedRandomSampler
from xdl.errors import DataError, SettingError
from xdl.random import Stream

TEN = TensorDataset(np.arange(10, dtype=np.float32), np.arange(10))


class Huge:
    def __len__(self):
        return 10**12

    def __getitem__(self, index):
        return index


HUGE = {
    "permutations": lambda: RandomSampler(range(5000), num_samples=10**12, generator=Stream(1, "a")),
    "replacement": lambda: RandomSampler(Huge(), True, 10**12, Stream(1, "a")),
    "weighted": lambda: WeightedRandomSampler([1, 2, 3], 10**12, generator=Stream(1, "a")),
    "subset": lambda: range(1, 10**12, 3),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_pass_of_any_length_takes_no_memory_and_is_resumed(name):
    tracemalloc.start()
    loader = DataLoader(Huge(), 64, sampler=HUGE[name](), num_workers=2)
    batches = iter(loader)
    seen = [next(batches).tolist() for _ in range(3)]
    state = json.loads(json.dumps(loader.state_dict()))
    again = DataLoader(Huge(), 64, sampler=HUGE[name]())
    again.load_state_dict(state)
    assert next(iter(again)).tolist() == next(batches).tolist() not in seen
    batches.close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6
    assert len(loader) == -(-len(HUGE[name]()) // 64)


def test_a_subset_of_a_range_takes_no_memory():
    subset = Subset(Huge(), range(5, 10**12, 3))
    assert (len(subset), subset[1]) == (333333333332, 8)
    assert next(iter(DataLoader(subset, 3))).tolist() == [5, 8, 11]
    with pytest.raises(DataError, match=r"indices in \[0, 10\), found 10"):
        Subset(TEN, range(11))


def test_long_orders_are_the_same_in_pieces_and_as_a_whole():
    """The numbers of before orders were made in pieces: one draw for all, permutation after permutation."""
    n, like = 150_000, xdl.backend.load("numpy").asarray([], "uint64")
    sampler = RandomSampler(range(777), True, n, Stream(3, "a"))
    assert np.array_equal(sampler.order(), Stream(3, "a").integers(0, 777, (n,), like))
    stream = Stream(3, "a")
    rounds = np.concatenate([stream.permutation(777, like) for _ in range(-(-n // 777))])[:n]
    sampler = RandomSampler(range(777), num_samples=n, generator=Stream(3, "a"))
    assert np.array_equal(sampler.order(), rounds)
    assert sampler.generator.step == stream.step
    weights = np.arange(5.0)
    sampler = WeightedRandomSampler(weights, n, generator=Stream(3, "a"))
    u = Stream(3, "a").uniform((n,), "float64", like)
    assert np.array_equal(sampler.order(), np.searchsorted(np.cumsum(weights), u * 10, side="right"))
    pieces = list(BatchSampler(RandomSampler(range(777), True, n, Stream(3, "a")), 1000))
    assert np.array_equal(np.concatenate(pieces), RandomSampler(range(777), True, n, Stream(3, "a")).order())


def test_more_samples_than_an_index_can_count_are_refused():
    with pytest.raises(SettingError, match=r"num_samples < 2\*\*63"):
        RandomSampler(TEN, num_samples=1 << 63)
