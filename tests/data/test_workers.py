"""Worker threads: the same batches as without them, errors with their index, and no thread that stays."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import xdl
from tests.house.source import ROOT
from xdl.data import BatchSampler, DataLoader, RandomSampler, TensorDataset, WeightedRandomSampler, augment
from xdl.data.prefetch import prefetch
from xdl.errors import DataError, ShapeError
from xdl.random import Stream

RNG = np.random.default_rng(0)
IMAGES = TensorDataset(RNG.random((53, 3, 9, 8), dtype=np.float32), np.arange(53) % 5)
AUGMENT = augment.Compose(
    [
        augment.RandomCrop((9, 8), padding=2),
        augment.RandomHorizontalFlip(),
        augment.RandomAffine(15, (0.1, 0.1), (0.9, 1.1)),
        augment.RandomWarp(0.5),
        augment.GaussianNoise(0.1),
        augment.RandomErasing(3),
    ]
)


class Slow:
    """Samples one at a time, some slower than others, so that workers overtake each other."""

    def __init__(self, bad=None):
        self.bad = bad

    def __len__(self):
        return 40

    def __getitem__(self, index):
        time.sleep(0.002 * (index % 3))
        if index == self.bad:
            raise ValueError("this file is torn")
        return np.full((3, 9, 8), index, np.float32), index


before = set()


@pytest.fixture(autouse=True)
def of_this_test():
    """Workers that another test has left waiting are not counted."""
    before.clear()
    before.update(threads())


def threads():
    return [t for t in threading.enumerate() if t.name.startswith("xdl-data") and t not in before]


def wait_for_no_threads():
    end = time.time() + 5
    while threads() and time.time() < end:
        time.sleep(0.005)
    assert threads() == []


def passes(count=2, **settings):
    """All batches of some passes, as bytes."""
    loader = DataLoader(**{"dataset": IMAGES, "transform": AUGMENT} | settings)
    return [b"".join(part.numpy().tobytes() for part in batch) for _ in range(count) for batch in loader]


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 8, "shuffle": True},
        {"batch_size": 8, "shuffle": True, "seed": 5, "drop_last": True},
        {"dataset": Slow(), "batch_size": 3, "shuffle": True, "seed": 1},
        {"batch_size": 4, "sampler": "weighted", "seed": 2},
        {"batch_sampler": "random", "seed": 2},
        {"dataset": Slow(), "batch_size": 7, "collate_fn": lambda samples: (np.stack([x for x, _ in samples]),)},
    ],
)
def test_the_stream_is_the_same_for_any_number_of_workers(settings):
    def make():
        kinds = {
            "weighted": lambda: WeightedRandomSampler(np.arange(53), 30, generator=Stream(3, "a")),
            "random": lambda: BatchSampler(RandomSampler(IMAGES, generator=Stream(4, "b")), 9),
        }
        return {name: kinds[value]() if value in (*kinds,) else value for name, value in settings.items()}

    found = []
    for workers, factor in ((0, 2), (1, 1), (1, 3), (4, 1), (4, 4)):
        xdl.manual_seed(7)
        found.append(passes(num_workers=workers, prefetch_factor=factor, **make()))
    assert len(found[0]) > 8
    assert all(other == found[0] for other in found)
    half = len(found[0]) // 2
    assert found[0][:half] != found[0][half:]  # another order and augmentation in the second pass
    wait_for_no_threads()


def test_large_noise_is_the_same_too():
    big = TensorDataset(np.zeros((64, 3, 32, 32), np.float32))  # its words are cut into pieces for several threads
    settings = {"dataset": big, "batch_size": 64, "transform": augment.GaussianNoise(1.0), "seed": 1}
    before = xdl.get_num_threads()
    xdl.set_num_threads(2)
    try:
        assert passes(1, **settings) == passes(1, num_workers=2, **settings)
    finally:
        xdl.set_num_threads(before)


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_a_sample_that_fails_is_named_in_its_turn(workers):
    loader = DataLoader(Slow(bad=17), 5, num_workers=workers)
    seen = []
    with pytest.raises(DataError, match=r"Slow: expected a sample at index 17, found ValueError: this file") as caught:
        seen.extend(label for _, labels in loader for label in labels.tolist())
    assert seen == list(range(15))
    assert isinstance(caught.value.__cause__, ValueError)
    wait_for_no_threads()
    assert loader.state_dict()["unfinished"]["delivered"] == 3


@pytest.mark.parametrize("workers", [0, 2])
def test_a_transform_or_collate_that_fails_names_its_batch(workers):
    def wrong(*_):
        raise KeyError("nothing")

    for settings in ({"transform": wrong}, {"collate_fn": wrong}):
        with pytest.raises(DataError, match=r"batch 0 of samples \[0, 1, 2, 3\] to be made, found KeyError") as caught:
            list(DataLoader(IMAGES, 4, num_workers=workers, **settings))
        assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(ShapeError, match="RandomCrop"):  # one of xdl's own says enough
        list(DataLoader(IMAGES, 4, num_workers=workers, transform=augment.RandomCrop(50)))


@pytest.mark.parametrize("way", ["break", "exception", "drop", "never started"])
def test_threads_end_when_the_iterator_is_left(way):
    loader = DataLoader(Slow(), 2, num_workers=4, prefetch_factor=3)
    iterator = iter(loader)
    if way != "never started":
        next(iterator)
        assert len(threads()) == 4
    if way == "exception":
        with pytest.raises(ZeroDivisionError):
            [1 / 0 for _ in iterator]
    elif way == "break":
        for _ in iterator:
            break
    del iterator
    wait_for_no_threads()
    assert len(list(loader)) == 20


def test_workers_are_not_further_ahead_than_asked():
    made, taken = [], []

    def make(number):
        made.append(number)
        return number

    for number in prefetch(make, range(3, 30), 2, 3):
        time.sleep(0.003)
        taken.append(number)
        assert max(made) <= number + 2 * 3
    assert taken == list(range(3, 30))
    assert sorted(made) == taken


def test_two_loaders_at_once_do_not_meet():
    first, second = (DataLoader(Slow(), 4, num_workers=2) for _ in range(2))
    pairs = [(a[1].tolist(), b[1].tolist()) for a, b in zip(first, second, strict=True)]
    assert [a for a, _ in pairs] == [b for _, b in pairs] == [list(range(i, i + 4)) for i in range(0, 40, 4)]


INTERRUPTED = """
import time
from xdl.data import DataLoader

class Sleepy:
    def __len__(self):
        return 1000

    def __getitem__(self, index):
        time.sleep(0.0 if index < 4 else 30)
        return (index,)

try:
    for batch in DataLoader(Sleepy(), 2, num_workers=4):
        print("batch", flush=True)
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


def test_ctrl_c_ends_at_once_though_workers_are_busy():
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert [process.stdout.readline() for _ in range(2)] == ["batch\n"] * 2
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        started = time.time()
        rest, _ = process.communicate(timeout=20)
    assert rest == "stopped\n"
    assert process.returncode == 0
    assert time.time() - started < 10
