"""The pairs of a run as numbers, and the vocabularies that stand beside its model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xdl.data import Vocabulary
from xdl.data.text.dates import date_pairs
from xdl.data.text.pairs import EncodedPairs, Pair, SentencePairs
from xdl.data.text.tatoeba import load_tatoeba
from xdl.data.text.tokens import characters, sentence, words
from xdl.data.text.vocabulary import END, PADDING, START, UNKNOWN
from xdl.errors import DataError, expect
from xdl.experiments.shared.known_words import known_words
from xdl.experiments.translation.decoding import Marks
from xdl.runs.run import Run

FILE = "vocabulary.json"
SPECIAL = (PADDING, START, END, UNKNOWN)
TOKENS: dict[str, Callable[[str], list[str]]] = {"words": words, "characters": characters}


@dataclass(frozen=True)
class Languages:
    """The vocabularies of both sides, fitted on the training part, and how texts are cut.

    longest: the most tokens of a sentence in training, of the source and of the target
    """

    source: Vocabulary
    target: Vocabulary
    kind: str  # words or characters
    longest: tuple[int, int]

    @property
    def tokens(self) -> Callable[[str], list[str]]:
        """What cuts a text into tokens."""
        return TOKENS[self.kind]

    @property
    def marks(self) -> Marks:
        """START and END of the target; padding and unknown tokens are never written."""
        start, end, *never = (self.target.number(token) for token in (START, END, PADDING, UNKNOWN))
        return Marks(start, end, (start, *never))

    @property
    def limit(self) -> int:
        """The most tokens that a translation may have, END included."""
        return self.longest[1] + 5

    def text(self, numbers: list[int]) -> str:
        """A translation as text."""
        tokens = self.target.decode(numbers)
        return "".join(tokens) if self.kind == "characters" else sentence(tokens)

    def encoded(self, pairs: tuple[Pair, ...]) -> EncodedPairs:
        """The pairs as numbers."""
        return EncodedPairs(pairs, self.source, self.target, self.tokens)

    def state(self) -> dict[str, Any]:
        """For a JSON file beside the model."""
        both = {"source": self.source.state(), "target": self.target.state()}
        return {**both, "tokens": self.kind, "longest": list(self.longest)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], where: str = FILE) -> Languages:
        """Those of a `state`. Raises DataError for something else."""
        longest = state.get("longest")
        right = isinstance(longest, list) and len(longest) == 2 and all(type(n) is int and n > 0 for n in longest)
        right = right and state.get("tokens") in TOKENS
        sides = [state.get(name) for name in ("source", "target")]
        right = right and all(isinstance(side, Mapping) for side in sides)
        expect(right, DataError, where, "source, target, tokens, and the longest of both", "something else")
        source, target = (Vocabulary.from_state(side, where) for side in sides if isinstance(side, Mapping))
        missing = [token for token in SPECIAL if token not in target]
        expect(not missing, DataError, where, f"a target with {', '.join(SPECIAL)}", f"none of {missing}")
        return cls(source, target, str(state["tokens"]), (longest[0], longest[1]) if longest else (1, 1))


def pairs_named(name: str, samples: int, data_dir: Path | None) -> SentencePairs:
    """The pairs of one of the data sets; samples: dates, or the shortest pairs; 0: all, and 3,000 dates."""
    if name == "dates":
        return date_pairs(samples or 3000)
    return load_tatoeba(name, samples or None, data_dir)


def languages_of(pairs: SentencePairs, letters: bool, min_count: int) -> Languages:
    """The vocabularies of the training part.

    letters: every text is cut into characters; min_count: rarer tokens of the training are unknown

    Raises SettingError for a min_count beyond the text.
    """
    tokens = characters if letters else pairs.tokens
    sides = [[tokens(text) for text in side] for side in zip(*pairs.train, strict=True)]
    fitted = [
        known_words((token for text in side for token in text), min_count, special, UNKNOWN)
        for side, special in zip(sides, ((PADDING,), SPECIAL), strict=True)
    ]
    longest = tuple(max(map(len, side)) for side in sides)
    kind = next(name for name, cut in TOKENS.items() if cut is tokens)
    return Languages(fitted[0], fitted[1], kind, (longest[0], longest[1]))


def prepare(run: Run, samples: int, letters: bool, min_count: int) -> tuple[SentencePairs, Languages]:
    """The run's pairs and vocabularies; these are written to its folder, and both are described."""
    pairs = pairs_named(run.about["data"], samples, run.data_dir)
    languages = languages_of(pairs, letters, min_count)
    run.folder.write_json(FILE, languages.state())
    run.say(f"{pairs.name}: {pairs.description}")
    sizes = len(languages.source), len(languages.target)
    run.say(f"tokens: {languages.kind}; {sizes[0]} of {pairs.source}, {sizes[1]} of {pairs.target}, special ones too")
    return pairs, languages
