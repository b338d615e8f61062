"""A loader stopped anywhere and restored gives what would have come, bit for bit, with any number of workers."""

import json

import numpy as np
import pytest

import xdl
from xdl import random
from xdl.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)
from xdl.errors import CheckpointError
from xdl.random import Stream

IMAGES = TensorDataset(np.random.default_rng(0).random((23, 1, 4, 4), dtype=np.float32), np.arange(23))


def noise(images, stream):
    """An augmentation that draws several times for every batch."""
    scale = stream.uniform((len(images), 1, 1, 1), like=images)
    return images * scale + stream.normal(images.shape, like=images)


def loader(**changes):
    return DataLoader(IMAGES, **({"batch_size": 4, "shuffle": True, "transform": noise} | changes))


def content(batches):
    return [b"".join(np.ascontiguousarray(part.numpy()).tobytes() for part in batch) for batch in batches]


def saved(state):
    """As it comes back from a file."""
    return json.loads(json.dumps(state))


@pytest.mark.parametrize("stop", [0, 1, 3, 6, 7, 11, 12])  # six batches a pass
@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize("workers", [(0, 0), (4, 1), (1, 4)])
def test_a_resumed_loader_goes_on_where_the_consumer_stood(stop, seed, workers):
    xdl.manual_seed(11)
    whole = loader(seed=seed)
    expected = content([*whole, *whole, *whole])
    streams = random.get_state()

    xdl.manual_seed(11)
    first = loader(seed=seed, num_workers=workers[0])
    seen, state, streams_then = [], first.state_dict(), random.get_state()
    while len(seen) < stop:
        for batch in first:
            seen += content([batch])
            state, streams_then = saved(first.state_dict()), random.get_state()
            if len(seen) == stop:
                break

    xdl.manual_seed(99)
    again = loader(seed=seed, num_workers=workers[1])
    random.set_state(streams_then)
    again.load_state_dict(state)
    assert again.state_dict() == state
    rest = []
    while len(seen) + len(rest) < 18:
        rest += content(again)
    assert seen + rest == expected
    assert random.get_state() == streams


def test_after_the_last_batch_the_pass_is_still_to_be_ended():
    one = loader(seed=1)
    for _ in one:
        state = one.state_dict()
    again = loader(seed=1)
    again.load_state_dict(state)
    assert len(list(again)) == 0
    assert content(again) == content(one)


def test_between_passes_the_next_one_is_whole():
    one, again = loader(seed=1), loader(seed=1)
    list(one)
    again.load_state_dict(saved(one.state_dict()))
    assert content(again) == content(one)


def test_the_global_stream_stands_afterwards_where_it_would_have_stood():
    xdl.manual_seed(3)
    one = loader()
    iterator = iter(one)
    next(iterator)
    other = random.permutation(9)  # somebody else draws from the same stream
    state, streams = saved(one.state_dict()), random.get_state()
    expected, following = content(iterator), random.permutation(9)

    xdl.manual_seed(3)
    again = loader()
    again.load_state_dict(state)  # before or after the streams, it does not matter
    random.set_state(streams)
    assert content(again) == expected
    assert random.permutation(9).tolist() == following.tolist() != other.tolist()


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"sampler": RandomSampler(IMAGES, True, 30, Stream(4, "a"))},
        lambda: {"sampler": SubsetRandomSampler(range(3, 20), Stream(4, "a"))},
        lambda: {"sampler": WeightedRandomSampler(np.arange(23), 9, False, Stream(4, "a"))},
        lambda: {"sampler": list(range(22, -1, -1))},
        lambda: {"batch_sampler": BatchSampler(RandomSampler(IMAGES, generator=Stream(4, "a")), 5, True)},
        lambda: {"batch_sampler": [[0, 1], [5], [7, 8, 9]]},
    ],
)
def test_every_kind_of_sampler_is_resumed(make):
    def build():
        changes = make()
        size = {} if "batch_sampler" in changes else {"batch_size": 2}
        return DataLoader(IMAGES, **size, transform=noise, seed=2, **changes)

    whole, first, again = build(), build(), build()
    expected = content([*whole, *whole])
    seen = content(first)
    iterator = iter(first)
    seen += content([next(iterator), next(iterator)])
    again.load_state_dict(saved(first.state_dict()))
    assert seen + content(again) == expected


def test_a_sampler_of_ones_own_is_saved_through_its_state():
    class Turning:
        def __init__(self):
            self.turn = 0

        def __len__(self):
            return 6

        def __iter__(self):
            self.turn += 1
            return iter(np.roll(np.arange(6), self.turn).tolist())

        def state_dict(self):
            return {"turn": self.turn}

        def load_state_dict(self, state):
            self.turn = state["turn"]

    one, again = (DataLoader(IMAGES, 2, sampler=Turning()) for _ in range(2))
    list(one)
    iterator = iter(one)
    next(iterator)
    again.load_state_dict(one.state_dict())
    assert content(again) == content(iterator)
    assert content(again) == content(one)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda: loader(batch_size=5), "the order of the 6 batches that was saved, found another of 5"),
        (lambda: loader(shuffle=False), "whose sampler draws by chance, found one that draws nothing"),
        (lambda: loader(transform=None), "whose augment draws by chance, found one that draws nothing"),
        (lambda: loader(sampler=list(range(23)), shuffle=False), "whose sampler draws by chance"),
        (lambda: DataLoader(Subset(IMAGES, range(22)), 4, True, transform=noise), "another of 6"),
    ],
)
def test_another_loader_refuses_the_state_and_stays_as_it_is(other, message):
    one = loader()
    iterator = iter(one)
    next(iterator)
    state = one.state_dict()
    xdl.manual_seed(8)
    different = other()
    before = (different.state_dict(), random.get_state())
    with pytest.raises(CheckpointError, match=message):
        different.load_state_dict(state)
    assert (different.state_dict(), random.get_state()) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda _: [],
        lambda _: {},
        lambda state: state | {"passes": -1},
        lambda state: state | {"now": None},
        lambda state: state | {"now": {"sampler": {}}},
        lambda state: state | {"now": {"sampler": {"seed": -1, "step": 0}, "augment": {"seed": 0, "step": 0}}},
        lambda state: state | {"unfinished": {}},
        lambda state: state | {"unfinished": state["unfinished"] | {"delivered": 7}},
        lambda state: state | {"unfinished": state["unfinished"] | {"delivered": True}},
        lambda state: state | {"unfinished": state["unfinished"] | {"before": {"sampler": 1, "augment": 2}}},
        lambda state: state | {"unfinished": state["unfinished"] | {"order": "x"}},
    ],
)
def test_what_is_no_state_is_refused(change):
    one = loader(seed=1)
    iterator = iter(one)
    next(iterator)
    state = one.state_dict()
    with pytest.raises(CheckpointError, match=r"DataLoader|sampler"):
        one.load_state_dict(change(state))
    assert one.state_dict() == state


def test_only_the_newest_iterator_counts():
    one = loader(seed=1)
    old = iter(one)
    next(old)
    new = iter(one)
    list(old)
    assert one.state_dict()["unfinished"]["delivered"] == 0
    next(new)
    assert one.state_dict()["unfinished"]["delivered"] == 1


@pytest.mark.parametrize("draws", ["replacement", "permutations", "weighted"])
def test_every_pass_draws_anew(draws):
    samplers = {
        "replacement": lambda: RandomSampler(IMAGES, True, 40, Stream(4, "a")),
        "permutations": lambda: RandomSampler(IMAGES, num_samples=40, generator=Stream(4, "a")),
        "weighted": lambda: WeightedRandomSampler(np.arange(23), 40, generator=Stream(4, "a")),
    }
    sampler = samplers[draws]()
    passes = [list(sampler) for _ in range(3)]
    assert passes[0] != passes[1] != passes[2] != passes[0]
    assert sampler.generator.step == (6 if draws == "permutations" else 3)
