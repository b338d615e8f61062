"""What PyTorch's users write: keywords of DataLoader, samplers of their own, Tensors in data sets."""

import itertools
import threading
import time

import numpy as np
import pytest

import xdl
from xdl.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    Sampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    random_split,
)
from xdl.errors import DataError, SettingError
from xdl.random import Stream

TEN = TensorDataset(np.arange(10, dtype=np.float32), np.arange(10))


def order(loader):
    return [int(label) for _, labels in loader for label in labels.tolist()]


def test_every_keyword_of_pytorch_is_taken():
    loader = DataLoader(
        TEN, 4, None, None, None, 2, None, True, True, 60, lambda _: None, None, None,
        prefetch_factor=2, persistent_workers=True, pin_memory_device="", in_order=True,
    )  # fmt: skip
    assert order(loader) == list(range(8))
    assert (loader.pin_memory, loader.drop_last, loader.batch_size, loader.prefetch_factor) == (True, True, 4, 2)
    assert list(loader.sampler) == list(range(10))
    assert DataLoader(TEN, prefetch_factor=None).prefetch_factor == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timeout": -1}, "timeout >= 0 seconds, found -1"),
        ({"timeout": float("nan"), "num_workers": 1}, "timeout >= 0 seconds, found nan"),
        ({"timeout": 3}, "num_workers >= 1 where timeout is set"),
        ({"worker_init_fn": 3}, "a function of the worker's number"),
        ({"multiprocessing_context": "spawn"}, "Leave it out: workers are threads"),
        ({"generator": 3}, r"xdl\.random\.Stream, found int\. Write generator=xdl\.random\.Stream"),
        ({"generator": Stream(0, "a"), "seed": 1}, "generator or seed"),
        ({"batch_size": None, "drop_last": True}, "batch_size where drop_last"),
        ({"batch_size": None, "transform": abs}, "batch_size where drop_last or transform"),
    ],
)
def test_what_workers_and_streams_cannot_follow_is_refused(settings, message):
    with pytest.raises(SettingError, match=f"DataLoader: expected .*{message}"):
        DataLoader(TEN, **settings)
    with pytest.raises(DataError, match=r"len\(dataset\) and dataset\[index\], found generator\. Put the samples"):
        DataLoader(x for x in range(3))


def test_a_generator_decides_the_order():
    orders = [order(DataLoader(TEN, 3, True, generator=Stream(seed, "a"))) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    with pytest.raises(SettingError, match="random_split: expected a generator"):
        random_split(TEN, [5, 5], generator=42)


def test_each_worker_begins_by_its_function():
    begun = []
    assert order(DataLoader(TEN, 3, num_workers=2, worker_init_fn=begun.append)) == list(range(10))
    assert set(begun) <= {0, 1}
    assert order(DataLoader(TEN, 3, worker_init_fn=begun.clear)) == list(range(10))  # without workers, nobody calls it
    with pytest.raises(ZeroDivisionError):
        order(DataLoader(TEN, 3, num_workers=2, worker_init_fn=lambda number: 1 / 0 * number))


def test_a_batch_that_does_not_come_in_time_is_an_error():
    free = threading.Event()

    class Stuck:
        def __len__(self):
            return 4

        def __getitem__(self, index):
            if index == 2:
                free.wait(20)
            return index

    started, seen = time.monotonic(), []
    with pytest.raises(DataError, match=r"batch 1 within timeout = 0\.2 seconds, found none yet"):
        seen.extend(DataLoader(Stuck(), 2, num_workers=1, timeout=0.2))
    free.set()
    assert (len(seen), time.monotonic() - started < 10) == (1, True)


class Backwards(Sampler[int]):
    """In PyTorch's style."""

    def __init__(self, data_source):
        super().__init__(data_source)
        self.data_source = data_source

    def __len__(self):
        return len(self.data_source)

    def __iter__(self):
        return iter(range(len(self.data_source) - 1, -1, -1))


class Odd(RandomSampler):
    """Changes the order of one of xdl's own, in PyTorch's style."""

    def __iter__(self):
        return iter([1, 3, 5])


class Even(RandomSampler):
    """Changes it in xdl's style."""

    def order(self):
        return np.array([0, 2, 4])


class NoLength(Sampler):
    def __iter__(self):
        yield from (xdl.tensor(i) for i in (2, 1))


class Pairs(BatchSampler):
    def __iter__(self):
        yield from ([0, 1], [5, 4])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"sampler": Backwards(TEN)}, list(range(9, -1, -1))),
        ({"sampler": Odd(TEN)}, [1, 3, 5]),
        ({"sampler": Even(TEN)}, [0, 2, 4]),
        ({"sampler": NoLength()}, [2, 1]),
        ({"sampler": xdl.tensor([3, 1])}, [3, 1]),
        ({"sampler": np.array([3, 1])}, [3, 1]),
        ({"sampler": []}, []),
        ({"batch_sampler": Pairs(range(6), 2)}, [0, 1, 5, 4]),
        ({"batch_sampler": BatchSampler(Backwards(TEN), 6, True)}, [9, 8, 7, 6, 5, 4]),
    ],
)
def test_samplers_of_every_style(settings, expected):
    assert order(DataLoader(TEN, **settings)) == expected
    assert order(DataLoader(TEN, **settings, num_workers=2)) == expected


@pytest.mark.parametrize("wrong", [[0.5], ["a"], [None], [2**70], np.zeros(2), [True, False]])
def test_indices_that_are_no_integers_are_refused(wrong):
    for use in (
        lambda: order(DataLoader(TEN, sampler=wrong)),
        lambda: order(DataLoader(TEN, batch_sampler=[wrong])),
        lambda: Subset(TEN, wrong),
        lambda: SubsetRandomSampler(wrong),
    ):
        with pytest.raises(DataError, match="integer indices"):
            use()


def test_a_mask_is_no_list_of_indices():
    with pytest.raises(DataError, match=r"found bool\. Of a mask take the indices: np\.flatnonzero\(mask\)"):
        Subset(TEN, np.arange(10) > 4)


def test_samplers_that_never_end_are_refused(monkeypatch):
    monkeypatch.setattr("xdl.data.batch_sampler.ENDLESS", 1 << 17)

    class Endless:
        def __init__(self, one):
            self.one = one

        def __iter__(self):
            return itertools.repeat(self.one)

    for settings in ({"sampler": Endless(1)}, {"batch_sampler": Endless([1])}):
        loader = DataLoader(TEN, **settings)
        with pytest.raises(DataError, match="a pass that ends, from what has no length"):
            next(iter(loader))
        with pytest.raises(SettingError, match="with a length"):
            len(loader)


def test_a_tensor_dataset_takes_tensors():
    x, y = xdl.arange(12.0).reshape(6, 2), xdl.tensor([0, 1, 2, 0, 1, 2])
    pairs = TensorDataset(x, y, num_classes=3)
    sample = pairs[4]
    assert [type(part) for part in sample] == [xdl.Tensor, xdl.Tensor]
    assert (sample[0].tolist(), int(sample[1]), len(list(pairs))) == ([8, 9], 1, 6)
    assert pairs.tensors[0] is x
    images, labels = next(iter(DataLoader(pairs, 6)))
    assert (images.tolist(), labels.tolist(), images.dtype) == (x.tolist(), y.tolist(), "float32")
    assert TensorDataset(np.ones(2), y[:2]).tensors[0].tolist() == [1, 1]
    for index in (6, -7):
        with pytest.raises(IndexError, match=rf"\[0, 6\), found {index}"):
            pairs[index]
    with pytest.raises(DataError, match=r"require no gradient.*detach\(\)"):
        TensorDataset(xdl.ones(2, requires_grad=True))
    with pytest.raises(DataError, match=r"arrays\[0\] to hold numbers of xdl's dtypes, found float16"):
        TensorDataset(np.ones(2, np.float16))


def test_a_dataset_may_gather_samples_as_in_pytorch():
    class Many(Dataset):
        def __len__(self):
            return 5

        def __getitem__(self, index):
            raise AssertionError

        def __getitems__(self, indices):
            return [index * 2 for index in indices]

    assert [batch.tolist() for batch in DataLoader(Many(), 3)] == [[0, 2, 4], [6, 8]]
