"""Tokens of English and Chinese, and vocabularies: what they know, what they refuse, what they save."""

from __future__ import annotations

import json

import pytest

from xdl.data import STOP_WORDS, Vocabulary, characters, sentence, without_stop_words, words
from xdl.data.text.vocabulary import END, PADDING, UNKNOWN
from xdl.errors import DataError, SettingError


def test_words_of_english_and_chinese() -> None:
    text = "Don't stop! It's 1,000.5 kg (really); 我喜欢 Python 的书。"
    expected = ["don't", "stop", "!", "it's", "1,000.5", "kg", "(", "really", ")", ";"]
    assert words(text) == [*expected, "我", "喜", "欢", "python", "的", "书", "。"]
    assert sentence(words(text, lower=False)) == "Don't stop! It's 1,000.5 kg (really);我喜欢Python的书。"
    assert words("") == [] == characters("")
    assert characters("ab\n") == ["a", "b", "\n"]


def test_stop_words_keep_negations() -> None:
    assert without_stop_words(["The", "film", "is", "not", "good"]) == ["film", "not", "good"]
    assert without_stop_words(["a", "b"], ["b"]) == ["a"]
    assert not {"not", "no", "never"} & STOP_WORDS


def test_frequent_tokens_come_first_and_equal_ones_in_order() -> None:
    assert Vocabulary.of("hello").tokens == ("l", "e", "h", "o")
    limited = Vocabulary.of("aaabbcd", size=4, special=(PADDING, END), unknown=UNKNOWN)
    assert limited.tokens == (PADDING, END, UNKNOWN, "a")
    assert Vocabulary.of("aaabbc", min_count=2).tokens == ("a", "b")


def test_there_and_back() -> None:
    letters = Vocabulary.of("hello")
    numbers = letters.encode("hole")
    assert numbers.dtype == "int64"
    assert "".join(letters.decode(numbers)) == "hole"
    with_unknown = Vocabulary.of("hello", unknown=UNKNOWN)
    assert with_unknown.decode(with_unknown.encode("hat")) == ["h", UNKNOWN, UNKNOWN]
    saved = json.loads(json.dumps(with_unknown.state()))
    again = Vocabulary.from_state(saved)
    assert (again.tokens, again.unknown) == (with_unknown.tokens, UNKNOWN)


@pytest.mark.parametrize(
    ("refused", "error", "word"),
    [
        (lambda: Vocabulary.of(""), DataError, "none"),
        (lambda: Vocabulary.of("hello", min_count=3), DataError, "min_count <= 2, .* found 3"),
        (lambda: Vocabulary(["a", "b", "a"]), DataError, "'a'"),
        (lambda: Vocabulary(["a"], unknown="b"), DataError, "'b'"),
        (lambda: Vocabulary.of("abc").encode("abd"), DataError, "'d'"),
        (lambda: Vocabulary.of("abc").decode([0, 3]), DataError, "3"),
        (lambda: Vocabulary.of("abc", size=2, special=("x", "y")), SettingError, "2"),
        (lambda: Vocabulary.from_state({"tokens": [1]}, "v.json"), DataError, "v.json"),
    ],
)
def test_refusals(refused, error, word) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=word):
        refused()
