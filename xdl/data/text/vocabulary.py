"""Vocabulary: tokens and their numbers, fitted on the training part of a text and saved beside the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from xdl.data.order import as_indices
from xdl.errors import DataError, SettingError, expect

UNKNOWN, PADDING, START, END = "<unk>", "<pad>", "<start>", "<end>"


class Vocabulary:
    """Tokens and their numbers 0, 1, ..., both ways.

        letters = Vocabulary.of("hello")
        letters.encode("hole")            # array([2, 3, 0, 1]): "l" occurs twice, so it is 0
        "".join(letters.decode([2, 1]))   # "he"

    tokens:  in the order of their numbers, each once
    unknown: the token that stands for all that are not in it; None where such a token is refused

    Raises DataError for no token at all, one that comes twice or is no text, or an `unknown` that is not among them.
    """

    def __init__(self, tokens: Iterable[str], unknown: str | None = None) -> None:
        listed = isinstance(tokens, Iterable)
        expect(listed, DataError, "Vocabulary", "tokens: a list of words or signs", type(tokens).__name__)
        self.tokens = tuple(tokens)
        self.unknown = unknown
        self._numbers = {token: number for number, token in enumerate(self.tokens)}
        expect(bool(self.tokens), DataError, "Vocabulary", "at least one token", "an empty text")
        other = next((token for token in self.tokens if not isinstance(token, str)), None)
        expect(other is None, DataError, "Vocabulary", "tokens that are words or signs", repr(other))
        if len(self._numbers) < len(self.tokens):
            twice = Counter(self.tokens).most_common(1)[0][0]
            raise DataError("Vocabulary", "every token once", f"{twice!r} several times")
        known = unknown is None or unknown in self._numbers
        expect(known, DataError, "Vocabulary", "the unknown token among the tokens", repr(unknown))

    @classmethod
    def of(
        cls,
        tokens: Iterable[str],
        *,
        size: int | None = None,
        min_count: int = 1,
        special: Sequence[str] = (),
        unknown: str | None = None,
    ) -> Vocabulary:
        """The vocabulary of a text: the special tokens first, then the others, frequent ones first.

        tokens:    those of the text, one by one, or a Counter of them
        size:      how many tokens it has at most, special ones included
        min_count: how often a token must occur
        special:   tokens with a meaning of their own, as PADDING, START, END
        unknown:   stands for every other token; comes after the special ones

        Equally frequent tokens stand in the order of their code points. Raises SettingError for a size without room
        for a token, DataError where no token is left.
        """
        whole = (size is None or isinstance(size, int)) and isinstance(min_count, int)
        expect(whole, SettingError, "Vocabulary.of", "size and min_count: whole numbers", f"{size!r} and {min_count!r}")
        first = [*special, *([] if unknown is None or unknown in special else [unknown])]
        counts = Counter(tokens)
        for token in first:
            counts.pop(token, None)
        room = len(counts) if size is None else size - len(first)
        expect(room >= 1 or not counts, SettingError, "Vocabulary.of", f"size > {len(first)}, the special ones", size)
        frequent = [token for token, count in counts.items() if count >= min_count]
        expect(bool(counts), DataError, "Vocabulary.of", "at least one token", "none")
        most = f"min_count <= {max(counts.values())}, how often the commonest token occurs"
        expect(bool(frequent), DataError, "Vocabulary.of", most, min_count)
        return cls([*first, *sorted(frequent, key=lambda token: (-counts[token], token))[:room]], unknown)

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._numbers

    def number(self, token: str) -> int:
        """The number of a token, or of the unknown one. Raises DataError for a token that it does not know."""
        found = self._numbers.get(token)
        if found is not None:
            return found
        if self.unknown is None:
            hint = "It knows the tokens of the training text alone"
            raise DataError("Vocabulary", f"one of its {len(self)} tokens", repr(token), hint)
        return self._numbers[self.unknown]

    def encode(self, tokens: Iterable[str]) -> np.ndarray:
        """The numbers of tokens, (N,) int64; a text is taken letter by letter. Raises DataError as `number` does."""
        numbers, unknown = self._numbers, self.unknown
        try:
            if unknown is not None:
                other = numbers[unknown]
                return np.array([numbers.get(token, other) for token in tokens], np.int64)
            return np.array([self.number(token) for token in tokens], np.int64)
        except TypeError as error:  # no list, or one of lists
            raise DataError("Vocabulary.encode", "tokens: a list of words or signs", error) from error

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The tokens with these numbers. Raises DataError for a number that no token has, or that is not whole."""
        found = as_indices("Vocabulary.decode", numbers).tolist()
        outside = [number for number in found if not 0 <= number < len(self)]
        expect(not outside, DataError, "Vocabulary.decode", f"numbers in [0, {len(self)})", outside[:1])
        return [self.tokens[number] for number in found]

    def state(self) -> dict[str, Any]:
        """What `from_state` makes it of: for a JSON file beside the model."""
        return {"tokens": list(self.tokens), "unknown": self.unknown}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], where: str = "vocabulary") -> Vocabulary:
        """The vocabulary of a `state`. where: the file, for errors. Raises DataError for something else."""
        known = state if isinstance(state, Mapping) else {}
        tokens, unknown = known.get("tokens"), known.get("unknown")
        right = isinstance(tokens, list) and all(isinstance(token, str) for token in tokens)
        right = right and (unknown is None or isinstance(unknown, str))
        expect(right, DataError, where, "tokens, a list of words, and unknown, one of them or null", "something else")
        return cls(tokens or [], unknown)
