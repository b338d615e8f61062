"""Pictures that are unlike those of a training: an inverted digit, an empty picture, noise; and no digit is."""

import os

import numpy as np
import pytest

from xdl.data import load_images
from xdl.data.pictures.likeness import Likeness
from xdl.errors import DataError


def parts(name, size=None):
    data = load_images(name, size=size, data_dir=os.environ.get("XDL_DATA_DIR"))
    return [np.asarray(part.arrays[0]) for part in (data.train, data.validation, data.test)]


def share(likeness, pictures):
    return np.mean([bool(words) for words in likeness.complaints(pictures)])


def strangers(likeness, test):
    """Pictures that are none of the set's, in its range of values: {name: (N, C, H, W)}."""
    rng, low, high = np.random.default_rng(0), likeness.low, likeness.high
    rows, columns = np.indices(test.shape[-2:]) / test.shape[-1]
    waves = [np.sin(f * rows + np.cos(3 * columns + f)) + 0.4 * np.sin(4 * columns) for f in range(2, 8)]
    scenes = np.array([(wave - wave.min()) / np.ptp(wave) for wave in waves])[:, None]  # light and shadow, as in photos
    return {
        "inverted": low + high - test[:200],
        "empty": np.full((1, *test.shape[1:]), low),
        "full": np.full((1, *test.shape[1:]), high),
        "noise": rng.uniform(low, high, (50, *test.shape[1:])),
        "speckles": np.where(rng.random((50, *test.shape[1:])) < 0.1, high, low),
        "scenes": low + scenes * (high - low),
    }


@pytest.mark.parametrize("size", [None, 28, 40])
def test_strangers_are_told_from_digits(size):
    train, validation, test = parts("digits", size)
    likeness = Likeness.of(train, validation)
    assert {name: share(likeness, x) for name, x in strangers(likeness, test).items() if share(likeness, x) < 1} == {}
    assert share(likeness, test) <= 0.01
    assert share(likeness, train) <= 0.01


@pytest.mark.skipif("XDL_DATA_DIR" not in os.environ, reason="XDL_DATA_DIR names no folder with MNIST")
@pytest.mark.slow
def test_strangers_are_told_from_mnist():
    """The figures of the page on saving: 0.3 % of the 10,000 test pictures."""
    train, validation, test = parts("mnist")
    likeness = Likeness.of(train, validation)
    assert {name: share(likeness, x) for name, x in strangers(likeness, test).items() if share(likeness, x) < 1} == {}
    assert 0.001 < share(likeness, test) < 0.005


def test_words_say_what_is_unlike():
    train, validation, test = parts("digits")
    likeness = Likeness.of(train, validation)
    empty, noise, digit = likeness.complaints(
        np.stack([np.zeros_like(test[0]) + likeness.low, strangers(likeness, test)["noise"][0], test[0]])
    )
    assert empty[0].startswith("darker than all (0.00; theirs 0.18 to 0.42)")
    assert any(words.startswith("further from their mean than 99.5%") for words in noise)
    assert digit == []


def test_a_state_gives_the_same_likeness():
    train, validation, test = parts("digits")
    likeness = Likeness.of(train, validation)
    again = Likeness.from_state(likeness.state_dict(), test.shape[1:])
    pictures = np.concatenate(list(strangers(likeness, test).values()))
    assert again.complaints(pictures) == likeness.complaints(pictures)
    with pytest.raises(DataError, match="a mean of 256 pixels"):
        Likeness.from_state(likeness.state_dict(), (1, 28, 28))
    with pytest.raises(DataError, match="five numbers"):
        Likeness.from_state({"mean": 0}, (1, 8, 8))


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 1, 2, 5), (2, 3, 40, 17), (2, 1, 33, 64)])
def test_any_shape_and_few_pictures_do(shape):
    x = np.random.default_rng(1).random(shape, dtype=np.float32)
    for validation in (x, x[:0]):
        likeness = Likeness.of(x, validation)
        assert [len(words) for words in likeness.complaints(x)] <= [1] * len(x)
    assert np.isfinite(likeness.whitening).all()
