"""Tokens as numbers: what is not whole, out of range or of another kind is refused, never cut or rounded."""

import numpy as np
import pytest

import xdl
from xdl import data
from xdl.data.text.bucketing import padding_share
from xdl.data.text.contexts import skip_grams, thinned, word_counts
from xdl.data.text.pairs import EncodedPairs
from xdl.data.text.vocabulary import END, START
from xdl.errors import DataError, DtypeError, KindError, RangeError, SettingError, ShapeError, XdlError

LETTERS = data.Vocabulary("abc")
TEXT = [np.array([0, 1, 5])]
TEXTS = data.PaddedTexts([[1, 2], [3]], [0, 1])
BOTH = data.Vocabulary([START, END, *"abc"])
PAIRS = EncodedPairs([("a", "b"), ("bc", "a")], LETTERS, BOTH, data.characters)
SCALE = data.Standardize((1.0,), (2.0,))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: LETTERS.decode([1.5]), DataError, "Vocabulary.decode: expected integer indices .* float64"),
        (lambda: LETTERS.decode(["a"]), DataError, "integer indices"),
        (lambda: LETTERS.decode(5), DataError, "integer indices"),
        (lambda: data.Vocabulary([1, 2]), DataError, "tokens that are words or signs, found 1"),
        (lambda: data.Vocabulary(5), DataError, "tokens: a list .* found int"),
        (lambda: data.Vocabulary.of("abc", size=1.5), SettingError, "whole numbers, found 1.5 and 1"),
        (lambda: data.Vocabulary.from_state(None), DataError, "tokens, a list of words"),
        (lambda: data.NGrams([0.5, 1], 3, 1), DataError, "NGrams: expected whole numbers .* found float64"),
        (lambda: data.NGrams(["a"], 3, 0), DataError, "whole numbers"),
        (lambda: data.NGrams([0, 1], 3, 0.5), SettingError, "0 <= order"),
        (lambda: data.NGrams([0, 1], "3", 0), SettingError, "size >= 1, found '3'"),
        (lambda: data.NGrams([0, 1], 3, 1).distribution([0.5]), DataError, "whole numbers"),
        (lambda: data.NGrams([0, 1], 3, 0).sample(-1), SettingError, "steps >= 0, found -1"),
        (lambda: data.padded([[1.5]]), DataError, "padded: expected whole numbers .* found float64"),
        (lambda: data.padded([[[1]]]), ShapeError, r"sequences \(T,\), found \[\(1, 1\)\]"),
        (lambda: data.padded([[1], [2]], 1.5), SettingError, "length: a whole number >= 1, found 1.5"),
        (lambda: data.padded([[1], [2]], padding=0.5), SettingError, "padding: a whole number, found 0.5"),
        (lambda: data.LengthBuckets(["a"], 1), ShapeError, r"lengths \(N,\) of integers"),
        (lambda: data.LengthBuckets(5, 1), ShapeError, r"lengths \(N,\) of integers"),
        (lambda: padding_share([1, 2], []), DataError, "at least one batch"),
        (lambda: padding_share([1, 2], [[5]]), DataError, r"batches of indices in \[0, 2\)"),
        (lambda: word_counts(TEXT, 3), DataError, r"word_counts: expected words in \[0, 3\), found \[5\]"),
        (lambda: word_counts([np.array([-1])], 3), DataError, r"found \[-1\]"),
        (lambda: thinned(TEXT, 3, 1e-3), DataError, r"thinned: expected words in \[0, 3\), found \[5\]"),
        (lambda: skip_grams([np.array([0.5, 1.0])], 1), DataError, "whole numbers"),
        (lambda: skip_grams(TEXT, 1.5), SettingError, "window >= 1, found 1.5"),
        (lambda: skip_grams(None, 1), DataError, "sentences: a list of lists of whole numbers, found 'NoneType'"),
        (lambda: skip_grams([1, 2], 1), DataError, "sentences: a list of lists"),
        (lambda: word_counts(["a"], 3), DataError, "sentences: a list of lists"),
        (lambda: word_counts([[], []], 3), DataError, "sentences with words, found 2 without any"),
        (lambda: LETTERS.encode(None), DataError, "Vocabulary.encode: expected tokens: a list of words or signs"),
        (lambda: LETTERS.encode([["a"]]), DataError, "tokens: a list of words or signs"),
        (lambda: data.Vocabulary("ab", "a").encode(5), DataError, "tokens: a list of words or signs"),
        (lambda: PAIRS[2], RangeError, r"EncodedPairs: expected an index in \[-2, 2\), found 2"),
        (lambda: TEXTS[-3], RangeError, r"PaddedTexts: expected an index in \[-2, 2\), found -3"),
        (lambda: TEXTS["a"], KindError, "PaddedTexts: expected an index: a whole number, found 'a'"),
        (lambda: PAIRS[:1], KindError, "an index: a whole number, found slice"),
        (lambda: SCALE.apply("a"), DtypeError, "Standardize.apply: expected a series of real numbers"),
        (lambda: SCALE.undo([None]), DtypeError, "Standardize.undo: expected a series of real numbers"),
    ],
)
def test_what_is_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: data.words(None),
        lambda: data.characters(5),
        lambda: data.split_pairs([("a",)]),
        lambda: data.load_tatoeba(shortest="many"),
        lambda: data.read_vectors(None),
        lambda: data.perplexity("a"),
    ],
)
def test_wrong_arguments_are_xdls_errors(call):
    with pytest.raises(XdlError):
        call()


def test_samples_are_counted_from_either_end_and_end():
    for samples in (TEXTS, PAIRS):
        assert [sample[0].tolist() for sample in samples] == [samples[i][0].tolist() for i in (-2, -1)]


def test_whole_numbers_of_every_kind_are_taken():
    assert LETTERS.decode(xdl.tensor([2, 0])) == LETTERS.decode(np.array([2, 0], np.uint8)) == ["c", "a"]
    assert data.padded([xdl.tensor([1, 2]), [3]])[0].tolist() == [[1, 2], [3, 0]]
