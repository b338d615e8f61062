"""Texts of different lengths as batches: cut, padded, put together by length, and resumed."""

from __future__ import annotations

import numpy as np
import pytest

import xdl
from xdl.data import DataLoader
from xdl.data.text.bucketing import LengthBuckets, padding_share
from xdl.data.text.padding import PaddedTexts, padded
from xdl.errors import DataError, SettingError, ShapeError
from xdl.random import Stream


def test_cut_and_padded():
    numbers, lengths = padded([[1, 2, 3], [4]], 2)
    assert (numbers.tolist(), lengths.tolist()) == ([[1, 2], [4, 0]], [2, 1])
    assert padded([[1, 2, 3], [4]], 2, padding=9, keep="end")[0].tolist() == [[2, 3], [4, 9]]
    assert padded([[1, 2, 3], [4]])[0].shape == (2, 3)


def test_a_batch_is_as_long_as_its_longest_text():
    texts = PaddedTexts([[1], [2, 3], [4, 5, 6, 7]], [0, 1, 0], length=3)
    batches = list(DataLoader(texts, 2))
    assert [batch[0].tolist() for batch in batches] == [[[1, 0], [2, 3]], [[4, 5, 6]]]
    assert [batch[1] for batch in batches] == [[1, 2], [3]]
    assert batches[0][2].tolist() == [0, 1]
    number, length, label = texts[2]
    assert (number.tolist(), length, label) == ([4, 5, 6], 3, 0)


def lengths_of(count):
    return np.random.default_rng(0).integers(1, 100, count)


def test_buckets_waste_little_and_give_every_text_once():
    lengths = lengths_of(1003)
    sampler = LengthBuckets(lengths, 32, generator=Stream(0, "test"))
    first, second = list(sampler), list(sampler)
    assert len(first) == len(sampler) == 32
    assert sorted(np.concatenate(first)) == list(range(1003))
    assert [batch.tolist() for batch in first] != [batch.tolist() for batch in second]
    by_chance = np.array_split(np.random.default_rng(1).permutation(1003), 32)
    assert padding_share(lengths, first) < 0.1 < 0.4 < padding_share(lengths, by_chance)
    means = [lengths[batch].mean() for batch in first]
    assert means != sorted(means)
    dropping = LengthBuckets(lengths, 32, drop_last=True)
    assert {len(batch) for batch in dropping} == {32}
    assert len(list(dropping)) == len(dropping) == 31


def test_a_pass_goes_on_where_it_was_stopped():
    texts = PaddedTexts([[1] * n for n in lengths_of(50)], np.arange(50))

    def loader():
        return DataLoader(texts, batch_sampler=LengthBuckets(texts.lengths, 8, 2, generator=Stream(3, "test")))

    whole = [batch[2].tolist() for _ in range(2) for batch in [*loader()]]
    one, rest = loader(), []
    begun = iter(one)
    seen = [next(begun)[2].tolist() for _ in range(3)]
    other = loader()
    other.load_state_dict(one.state_dict())
    rest = [batch[2].tolist() for batch in other]
    assert seen + rest == whole[:7]


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: padded([]), DataError),
        (lambda: padded([[1], []]), DataError),
        (lambda: padded([[1]], 0), SettingError),
        (lambda: padded([[1]], keep="middle"), SettingError),
        (lambda: PaddedTexts([[1]], [0, 1]), ShapeError),
        (lambda: LengthBuckets([1, 0], 2), DataError),
        (lambda: LengthBuckets([], 2), DataError),
        (lambda: LengthBuckets([1.5], 2), ShapeError),
        (lambda: LengthBuckets([1, 2], 0), SettingError),
        (lambda: LengthBuckets([1, 2], 3, drop_last=True), SettingError),
    ],
)
def test_refusals(refused, error):
    with pytest.raises(error):
        refused()


def test_lengths_reach_a_recurrent_layer_from_the_host():
    texts = PaddedTexts([[1, 2], [3]], [0, 1])
    ((numbers, lengths, _),) = DataLoader(texts, 2)
    table = xdl.randn(4, 3)
    outputs, _ = xdl.nn.GRU(3, 2, batch_first=True)(table[numbers], lengths=lengths)
    assert outputs[1, 1].tolist() == [0, 0]
