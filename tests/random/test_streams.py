"""Streams: names, seeds and steps decide what is drawn, and a saved state brings it back."""

import json

import numpy as np
import pytest

from xdl import random
from xdl.errors import SettingError


def test_each_draw_takes_one_step_however_long():
    a, b = random.Stream(1, "a"), random.Stream(1, "a")
    a.words(3)
    b.words(3000)
    assert a.step == b.step == 1
    np.testing.assert_array_equal(a.words(50), b.words(50))


def test_names_seeds_and_steps_give_different_words():
    draws = [random.Stream(seed, name).words(4) for seed in (0, 1) for name in ("a", "b", "")]
    stream = random.Stream(0, "a")
    draws += [stream.words(4), stream.words(4)][1:]
    assert len({tuple(words.tolist()) for words in draws}) == len(draws)


def test_the_key_is_the_seed_and_a_stable_hash_of_the_name():
    assert random.Stream(7, "dropout").key == (7, 10899584076077068586)


def test_a_name_has_one_stream_and_manual_seed_restarts_it():
    stream = random.stream("test")
    assert random.stream("test") is stream
    first = stream.words(8)
    stream.words(8)
    random.manual_seed(0)
    assert stream.step == 0
    np.testing.assert_array_equal(stream.words(8), first)
    random.manual_seed(1)
    assert random.initial_seed() == 1
    assert not np.array_equal(stream.words(8), first)


def test_a_state_survives_json_and_brings_everything_back():
    random.manual_seed(2**64 - 1)
    random.stream("one").words(5)
    random.randn(3)
    state = json.loads(json.dumps(random.get_state()))
    expected = [random.stream("one").words(5), random.randn(3).numpy(), random.stream("two").words(5)]
    random.manual_seed(5)
    random.stream("two").words(5)
    random.set_state(state)
    assert random.get_state() == state
    found = [random.stream("one").words(5), random.randn(3).numpy(), random.stream("two").words(5)]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        {"seed": 1},
        {"seed": 1, "steps": [1]},
        {"seed": "1", "steps": {}},
        {"seed": 1, "steps": {"a": -1}},
        {"seed": 1, "steps": {"a": 1.5}},
        {"steps": {}},
    ],
)
def test_a_broken_state_is_refused_and_changes_nothing(state):
    random.stream("one").words(5)
    before = random.get_state()
    with pytest.raises(SettingError, match="set_state"):
        random.set_state(state)
    assert random.get_state() == before


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, "1", None, True])
def test_seeds_outside_64_bits_are_refused(seed):
    with pytest.raises(SettingError, match="seed"):
        random.manual_seed(seed)
    with pytest.raises(SettingError, match="seed"):
        random.Stream(seed, "a")
