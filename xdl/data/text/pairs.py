"""Pairs of a sentence and its translation, split so that no sentence of either side stands in two parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from xdl.data.order import checked_index
from xdl.data.text.padding import padded
from xdl.data.text.vocabulary import END, START, Vocabulary
from xdl.errors import DataError, expect

Pair = tuple[str, str]  # a sentence, and one of its translations


@dataclass(frozen=True)
class SentencePairs:
    """Pairs in three parts. tokens: what cuts a text of either side into tokens: `words` or `characters`."""

    name: str
    description: str
    source: str  # the language that is translated, as "English"
    target: str  # the one it is translated into
    train: tuple[Pair, ...]
    validation: tuple[Pair, ...]
    test: tuple[Pair, ...]
    tokens: Callable[[str], list[str]]


def bare(text: str) -> str:
    """Small letters and numbers alone, with single blanks: what two spellings of one sentence have in common."""
    kept = "".join([letter if letter.isalnum() else " " for letter in text.casefold().replace("'", "")])
    return " ".join(kept.split())


def split_pairs(
    pairs: Iterable[Pair], validation: float = 0.1, test: float = 0.1
) -> tuple[tuple[Pair, ...], tuple[Pair, ...], tuple[Pair, ...]]:
    """Training, validation and test part; no sentence of either side, `bare`, stands in two of them.

    Pairs that have a sentence in common, or are linked by other pairs, are a group and stay together. The SHA-256 of
    its least sentence decides where a group goes, so that the same pairs give the same parts in any order.

    validation, test: the shares of the groups that are wanted there. Raises DataError where a part is left empty.
    """
    given = sorted(set(pairs))
    roots: dict[str, str] = {}

    def root(key: str) -> str:
        """The group's name: follows the links, and shortens the way."""
        while roots.setdefault(key, key) != key:
            roots[key] = roots[roots[key]]
            key = roots[key]
        return key

    sides = [(f"1 {bare(source)}", f"2 {bare(target)}") for source, target in given]
    for one, other in sides:
        low, high = sorted((root(one), root(other)))
        roots[high] = low
    parts: tuple[list[Pair], list[Pair], list[Pair]] = [], [], []
    for pair, (side, _) in zip(given, sides, strict=True):
        place = int.from_bytes(sha256(root(side).encode()).digest()[:8]) / 2**64
        parts[2 if place < test else 1 if place < test + validation else 0].append(pair)
    sizes = tuple(map(len, parts))
    expect(all(sizes), DataError, "split_pairs", "pairs in every part", f"{sizes}: too few pairs")
    return tuple(parts[0]), tuple(parts[1]), tuple(parts[2])


class EncodedPairs:
    """A dataset of pairs as numbers: a batch is (source (B, S), lengths (B,), target (B, T + 2), lengths (B,)).

    source, target: the vocabularies, the target's with START and END; the lengths count START and END of a target
    tokens:         as of `SentencePairs`

    Numbers behind a sentence's end are 0. Raises DataError for no pair, a sentence without tokens, and tokens that a
    vocabulary without an unknown one does not know.
    """

    def __init__(
        self, pairs: Sequence[Pair], source: Vocabulary, target: Vocabulary, tokens: Callable[[str], list[str]]
    ) -> None:
        expect(len(pairs) > 0, DataError, "EncodedPairs", "at least one pair", "none")
        ends = target.number(START), target.number(END)
        self._sources = [source.encode(checked_tokens(text, tokens)) for text, _ in pairs]
        inner = [target.encode(checked_tokens(text, tokens)) for _, text in pairs]
        self._targets = [np.concatenate([ends[:1], numbers, ends[1:]]) for numbers in inner]
        self.lengths = np.array([len(numbers) for numbers in self._sources], np.int64)

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.int64, np.ndarray, np.int64]:
        at = checked_index("EncodedPairs", index, len(self))
        target = self._targets[at]
        return self._sources[at], self.lengths[at], target, np.int64(len(target))

    def batch(self, indices: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The pairs with these indices, padded with 0."""
        sources, lengths = padded([self._sources[i] for i in indices])
        targets, steps = padded([self._targets[i] for i in indices])
        return sources, lengths, targets, steps


def checked_tokens(text: str, tokens: Callable[[str], list[str]], operation: str = "sentence") -> list[str]:
    """The tokens of a text. Raises DataError, naming it and what asked for them, where there are none."""
    found = tokens(text)
    expect(bool(found) and not text.isspace(), DataError, operation, "a text with at least one token", repr(text))
    return found
