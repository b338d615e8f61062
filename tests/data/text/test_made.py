"""Texts that are made: a grammar whose truth is known, a corpus with planted groups; words and their neighbours."""

from __future__ import annotations

import re

import numpy as np
import pytest

from xdl.data import Vocabulary, words
from xdl.data.text.contexts import context_windows, numbered, skip_grams, thinned, word_counts
from xdl.data.text.grammar import BLAME, PRAISE, grammar, of_words
from xdl.data.text.planted import GROUPS, planted_corpus
from xdl.errors import DataError, SettingError

NEGATIONS = re.compile(r"\bnot\b|n't\b|\bnever\b|\bnobody\b|\bfar from\b")


def truth(sentence):
    """Whether a sentence is good news, worked out from its text alone."""
    if "although" in sentence:
        before, after = sentence.split("although")
        main = before if PRAISED.search(before) else after.split(",", 1)[1]
    else:
        main = re.split(r", but | and (?=the|it|i|nobody)", sentence)[-1]
    (word,) = PRAISED.findall(main)
    return (word in PRAISE) != (len(NEGATIONS.findall(main)) % 2 == 1)


PRAISED = re.compile(r"\b(?:" + "|".join(PRAISE + BLAME) + r")\b")


def test_every_label_of_the_grammar_follows_from_its_sentence():
    texts = grammar(1500, negation=0.5)
    assert len(set(texts.texts)) == 1500
    assert 0.45 < texts.labels.mean() < 0.55
    wrong = [text for text, label in zip(texts.texts, texts.labels, strict=True) if truth(text) != bool(label)]
    assert wrong == []
    assert " a awful" not in " ".join(texts.texts)
    assert grammar(20, seed=1).texts == grammar(20, seed=1).texts != grammar(20, seed=2).texts


def test_without_negations_a_word_tells_and_probes_are_of_the_grammar():
    plain = grammar(200, negation=0.0)
    assert not any(NEGATIONS.search(text) for text in plain.texts)
    assert (of_words("good"), of_words("bad", turned=True)) == ("the film is good", "the film is not bad")
    for refused in (lambda: grammar(5), lambda: grammar(negation=2.0), lambda: planted_corpus(1)):
        with pytest.raises(SettingError):
            refused()


def test_members_of_a_group_never_meet():
    corpus = planted_corpus(500)
    for sentence in corpus.sentences:
        members = [word for word in sentence if word in corpus.groups]
        assert len(members) == 1
        assert {corpus.company[word] for word in sentence if word in corpus.company} <= {corpus.groups[members[0]]}
    counts = [sum(word in sentence for sentence in corpus.sentences) for word in GROUPS["animals"][0]]
    assert counts[0] > counts[-1] > 0
    assert not corpus.groups.keys() & corpus.company.keys()


def test_neighbours_stay_in_their_sentence():
    sentences = [np.array([0, 1, 2]), np.array([], np.int64), np.array([3, 4])]
    windows, centres = context_windows(sentences, 1)
    assert centres.tolist() == [0, 1, 2, 3, 4]
    assert windows.tolist() == [[-1, 1], [0, 2], [1, -1], [-1, 4], [3, -1]]
    pairs = set(zip(*(part.tolist() for part in skip_grams(sentences, 3)), strict=True))
    assert pairs <= {(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (3, 4), (4, 3)}
    assert {(1, 0), (1, 2), (3, 4)} <= pairs


def test_near_neighbours_count_more():
    sentence = [np.arange(2000)]
    centres, contexts = skip_grams(sentence, 4)
    distances = np.bincount(abs(centres - contexts))[1:]
    np.testing.assert_allclose(distances / distances[0], [1, 0.75, 0.5, 0.25], atol=0.05)


def test_frequent_words_are_thinned_out():
    rng = np.random.default_rng(0)
    sentences = [np.where(rng.random(10) < 0.9, 0, 1) for _ in range(500)]
    counts, left = (word_counts(some, 3) for some in (sentences, thinned(sentences, 3, 0.1)))
    assert counts.sum() == 5000
    assert left[0] / counts[0] == pytest.approx((0.1 / 0.9) ** 0.5, abs=0.05)
    assert left[1] == counts[1]
    assert left[2] == 0


def test_unknown_words_are_left_out_and_nothing_is_refused():
    vocabulary = Vocabulary.of(words("the cat and the dog"))
    assert [some.tolist() for some in numbered([["the", "bird"], ["bird"]], vocabulary)] == [[0], []]
    for refused, error in [
        (lambda: skip_grams([np.array([0])], 2), DataError),
        (lambda: skip_grams([np.array([], np.int64)], 2), DataError),
        (lambda: skip_grams([np.array([0, 1])], 0), SettingError),
        (lambda: thinned([np.array([0, 1])], 2, 0.0), SettingError),
    ]:
        with pytest.raises(error):
            refused()
