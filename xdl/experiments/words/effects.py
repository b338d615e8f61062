"""What moves a verdict: the effect of each word, by leaving it out, and probes with a negation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log
from typing import Any

from xdl.data import DataLoader
from xdl.data.text.grammar import of_words
from xdl.experiments.words.preparation import Preparation, tokens_of
from xdl.nn import Module
from xdl.tensor import no_grad

BATCH = 256  # texts; without gradients only memory limits it
PROBES = ("good", "great", "funny", "moving", "bad", "dull", "boring", "awful")


def probabilities(model: Module, preparation: Preparation, texts: Sequence[Sequence[str]]) -> list[float]:
    """Of class 1, for texts as tokens, by a model in evaluation mode."""
    found: list[float] = []
    with no_grad():
        for numbers, lengths, _ in DataLoader(preparation.dataset(texts, [0] * len(texts)), BATCH):
            found += model(numbers, lengths).softmax(1)[:, 1].tolist()
    return found


def log_odds(probability: float) -> float:
    """log(p / (1 - p)), at most about 14 either way: what is beyond float32 is not told apart."""
    inside = min(1 - 1e-6, max(1e-6, probability))
    return log(inside / (1 - inside))


def effects(model: Module, preparation: Preparation, tokens: Sequence[str]) -> list[float]:
    """By how much each token moves the log odds of class 1: with all tokens, less those without this one.

    Of a text of one token, by how much it moves them from those of an unknown word.
    """
    rest = [[*tokens[:i], *tokens[i + 1 :]] or [str(preparation.vocabulary.unknown)] for i in range(len(tokens))]
    whole, *without = map(log_odds, probabilities(model, preparation, [tokens, *rest]))
    return [whole - one for one in without]


def in_digits(effect: float) -> str:
    """An effect with its sign, with more digits the smaller it is: +3.4, -0.27, +0.012; 0 below 0.0005 either way."""
    size = abs(effect)
    return f"{effect:+.{1 if size >= 1 else 2 if size >= 0.1 else 3}f}" if size >= 0.0005 else "0"


def probe_negation(judges: dict[str, Callable[[Sequence[Sequence[str]]], list[float]]]) -> list[dict[str, Any]]:
    """For each probe word that all judges are asked about, "the film is good" and "the film is not good".

    judges: {name: probabilities of class 1 for texts as tokens}

    Returns one dict a word: "word", and for each judge "<name>" and "<name>, negated".
    """
    rows: list[dict[str, Any]] = [{"word": word} for word in PROBES]
    for name, judge in judges.items():
        plain = judge([tokens_of(of_words(word)) for word in PROBES])
        negated = judge([tokens_of(of_words(word, turned=True)) for word in PROBES])
        for row, one, other in zip(rows, plain, negated, strict=True):
            row |= {name: one, f"{name}, negated": other}
    return rows


def turns(rows: Sequence[dict[str, Any]], name: str) -> int:
    """For how many words the judge says one thing of the plain sentence and the other of the negated one."""
    return sum((row[name] > 0.5) != (row[f"{name}, negated"] > 0.5) for row in rows)


def calibration(probabilities: Sequence[float], labels: Sequence[int], bins: int = 10) -> tuple[list[float], ...]:
    """Mean probability, share of class 1 and count in each of the bins of equal width that has a text.

    Perfect calibration has the first equal to the second.
    """
    means, shares, counts = [], [], []
    for i in range(bins):
        inside = [
            (p, label)
            for p, label in zip(probabilities, labels, strict=True)
            if i / bins <= p < (i + 1) / bins or (i == bins - 1 and p >= 1)
        ]
        if inside:
            means.append(sum(p for p, _ in inside) / len(inside))
            shares.append(sum(label for _, label in inside) / len(inside))
            counts.append(float(len(inside)))
    return means, shares, counts


def calibration_error(probabilities: Sequence[float], labels: Sequence[int], bins: int = 10) -> float:
    """The mean over texts of |mean probability - share of class 1| in their bin (expected calibration error)."""
    means, shares, counts = calibration(probabilities, labels, bins)
    gaps = [abs(mean - share) * count for mean, share, count in zip(means, shares, counts, strict=True)]
    return sum(gaps) / sum(counts)
