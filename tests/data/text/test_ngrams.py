"""Language models of counts: probabilities by hand, sums of one, what smoothing keeps for the unseen, sampling."""

import numpy as np
import pytest

from xdl.data import NGrams, perplexity
from xdl.data.text.ngrams import SMOOTHINGS
from xdl.errors import DataError, SettingError, ShapeError
from xdl.random import Stream

TEXT = [0, 1, 0, 2, 0, 1, 1, 0]  # a b a c a b b a


def test_probabilities_by_hand():
    """After a: b twice, c once. Witten-Bell of order 0: a 4 of 8, three kinds, V = 4."""
    unigram = (np.array([4, 3, 1, 0]) + 3 / 4) / (8 + 3)
    np.testing.assert_allclose(NGrams(TEXT, 4, 0).distribution([]), unigram)
    bigram = (np.array([0, 2, 1, 0]) + 2 * unigram) / (3 + 2)
    np.testing.assert_allclose(NGrams(TEXT, 4, 1).distribution([2, 0]), bigram)
    np.testing.assert_allclose(NGrams(TEXT, 4, 1, "add-one").distribution([0]), [1 / 7, 3 / 7, 2 / 7, 1 / 7])
    # Kneser-Ney counts what came before: a after b, c; b after a, b; c after a: 5 pairs
    continued = (np.array([2, 2, 1, 0]) - [0.75, 0.75, 0.75, 0] + 0.75 * 3 / 4) / 5
    known = (np.array([0, 1.25, 0.25, 0]) + 0.75 * 2 * continued) / 3
    np.testing.assert_allclose(NGrams(TEXT, 4, 1, "kneser-ney").distribution([0]), known)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_every_distribution_sums_to_one_and_is_what_a_text_gets(smoothing):
    model = NGrams(np.random.default_rng(0).integers(0, 5, 300), 7, 2, smoothing)
    text = [6, 6, 1, 2, 3, 0, 5]
    for i in range(len(text) + 1):
        p = model.distribution(text[:i])
        assert p.min() > 0
        assert p.sum() == pytest.approx(1)
    each = [np.log(model.distribution(text[:i])[token]) for i, token in enumerate(text)]
    np.testing.assert_allclose(model.log_probabilities(text), each)
    np.testing.assert_allclose(model.log_probabilities(text[3:], text[:3]), each[3:])
    assert perplexity(each) == pytest.approx(np.exp(-np.mean(each)))


def test_fixed_weights_trust_what_is_regular_and_no_chance():
    regular, chance = np.tile([0, 1, 2, 3], 100), np.random.default_rng(0).integers(0, 4, 400)
    assert NGrams(regular, 4, 1, "fixed").weights[1] > 0.9
    assert NGrams(chance, 4, 2, "fixed").weights[2] < 0.3


def test_samples_follow_the_text_and_the_seed():
    model = NGrams(np.tile([0, 1, 2, 3], 500), 4, 1)
    drawn = model.sample(40, [1], Stream(1, "a"))
    assert np.mean((np.diff([1, *drawn]) % 4) == 1) > 0.9
    assert drawn == model.sample(40, [1], Stream(1, "a"))
    assert model.sample(0) == []
    assert len(model) == 4


@pytest.mark.parametrize(
    ("made", "error", "message"),
    [
        (lambda: NGrams(TEXT, 4, -1), SettingError, "0 <= order <= 30"),
        (lambda: NGrams(TEXT, 65, 10), SettingError, "0 <= order <= 9 for 65 tokens"),
        (lambda: NGrams(TEXT, 4, 1, "none"), SettingError, "witten-bell"),
        (lambda: NGrams(TEXT, 2, 1), DataError, r"tokens in \[0, 2\)"),
        (lambda: NGrams([], 2, 0), ShapeError, "more than 0 tokens"),
        (lambda: NGrams([[1]], 2, 0), ShapeError, "tokens"),
        (lambda: NGrams([0] * 29, 2, 3, "fixed"), ShapeError, "at least 30 tokens"),
        (lambda: NGrams(TEXT, 4, 1).distribution([4]), DataError, r"tokens in \[0, 4\)"),
        (lambda: perplexity([]), DataError, "an empty text"),
    ],
)
def test_what_no_model_can_be_of_is_refused(made, error, message):
    with pytest.raises(error, match=message):
        made()
