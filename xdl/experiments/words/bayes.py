"""Multinomial naive Bayes on words: what a text says if only counts matter, and no order (baseline of `sentiment`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from xdl.errors import DataError, expect


@dataclass(frozen=True)
class NaiveBayes:
    """Two classes, 0 and 1. The log odds of class 1 are prior + the sum over the text's words of their weight.

    prior:   log P(1) - log P(0)
    weights: {word: log P(word | 1) - log P(word | 0)}; words that no training text has weigh 0
    """

    prior: float
    weights: dict[str, float]

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]], labels: Iterable[int], smoothing: float = 1.0) -> NaiveBayes:
        """P(word | class) = (count in the class + smoothing) / (words of the class + smoothing * words known).

        Raises DataError unless both classes have a text.
        """
        counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        texts_of = [0, 0]
        for tokens, label in zip(texts, labels, strict=True):
            counts[label].update(tokens)
            texts_of[label] += 1
        expect(min(texts_of) > 0, DataError, "NaiveBayes", "texts of both classes", f"{texts_of} texts")
        known = counts[0].keys() | counts[1].keys()
        totals = [some.total() + smoothing * len(known) for some in counts]
        weights = {
            word: log((counts[1][word] + smoothing) / totals[1]) - log((counts[0][word] + smoothing) / totals[0])
            for word in sorted(known)
        }
        return cls(log(texts_of[1] / texts_of[0]), weights)

    def log_odds(self, tokens: Iterable[str]) -> float:
        """Of class 1 against class 0."""
        return self.prior + sum(self.weights.get(token, 0.0) for token in tokens)

    def probability(self, tokens: Iterable[str]) -> float:
        """Of class 1."""
        odds = max(-700.0, min(700.0, self.log_odds(tokens)))
        return 1 / (1 + exp(-odds))
