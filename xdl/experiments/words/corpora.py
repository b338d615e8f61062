"""The texts that word vectors are learned from, by name, in sentences; a tenth of them is held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xdl.data.text.imdb import load_imdb
from xdl.data.text.planted import LEAST, MOST, planted_corpus
from xdl.data.text.polarity import load_polarity
from xdl.data.text.shakespeare import load_shakespeare
from xdl.errors import SettingError, expect
from xdl.experiments.words.preparation import tokens_of

EVERY = 10  # one sentence in so many is held out

Sentences = list[list[str]]


@dataclass(frozen=True)
class Corpus:
    """train, held_out: sentences as tokens; title: for figures; groups: of planted words, {word: its group}; company:
    {word that goes with one group alone: that group}."""

    train: Sentences
    held_out: Sentences
    title: str
    groups: Mapping[str, str] = field(default_factory=dict)
    company: Mapping[str, str] = field(default_factory=dict)


def load_corpus(name: str, sentences: int, data_dir: Path | None = None, seed: int = 0) -> Corpus:
    """The text of that name: planted, shakespeare, tinyshakespeare, rt-polarity or imdb.

    What lies within a review, and within a speech of a play, counts as a sentence.

    sentences: how many are made, or at most taken; 0 takes all, and makes 8000;  seed: of what is made

    Raises DataError where the set cannot be had, SettingError for too few or too many sentences to make.
    """
    if name == "planted":
        fits = sentences == 0 or LEAST <= sentences <= MOST
        expect(fits, SettingError, "sentences", f"{LEAST} to {MOST}, or 0 for 8000", sentences)
        made = planted_corpus(sentences or 8000, seed)
        train, held_out = _parted([list(tokens) for tokens in made.sentences])
        return Corpus(train, held_out, "a generated corpus with planted groups", made.groups, made.company)
    if name in ("shakespeare", "tinyshakespeare"):
        plays = load_shakespeare(name, data_dir)
        train, held_out = ([tokens_of(speech) for speech in text.split("\n\n")] for text in (plays.train, plays.test))
        return Corpus(train[: sentences or None], held_out, plays.description)
    reviews = load_polarity(data_dir) if name == "rt-polarity" else load_imdb(data_dir)[0]
    texts = reviews.texts[:: max(1, len(reviews) // sentences)] if sentences else reviews.texts
    train, held_out = _parted([tokens_of(text) for text in texts])
    return Corpus(train, held_out, f"{len(texts)} texts of {name}")


def _parted(sentences: Sentences) -> tuple[Sentences, Sentences]:
    kept = [tokens for i, tokens in enumerate(sentences) if i % EVERY != EVERY // 2]
    return kept, sentences[EVERY // 2 :: EVERY]
