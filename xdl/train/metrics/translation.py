"""How close translations come to those of people: exact match, and chrF, the F-score of character n-grams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from xdl.errors import DataError, SettingError, ShapeError, expect

Counts = list[tuple[int, int, int]]  # of each n: n-grams that match, those of the hypothesis, those of the reference


def exact_match(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """The share of the N hypotheses that are one of their references, letter by letter.

    references: N lists, each of at least one translation. Raises ShapeError, DataError for none.
    """
    _check("exact_match", hypotheses, references)
    right = sum(hypothesis in of_it for hypothesis, of_it in zip(hypotheses, references, strict=True))
    return right / len(hypotheses)


def chrf(hypotheses: Sequence[str], references: Sequence[Sequence[str]], n: int = 6, beta: float = 2.0) -> float:
    """chrF of N translations together, from 0 to 1 (papers often give it times 100).

        chrF = (1 + beta^2) P R / (beta^2 P + R)

    P and R are the precision and the recall of the n-grams of characters, without blanks, averaged over 1, ..., n.
    Matches and totals are added up over all sentences first. An order counts where both sides have n-grams of it. Of
    several references of a sentence the one counts that alone gives it the highest score.

    references: N lists, each of at least one translation; beta: recall counts beta times as much as precision

    M. Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015, pages 392-395. Raises
    ShapeError for lists of different lengths, DataError for no sentence or reference, SettingError for n < 1 or
    beta <= 0.
    """
    expect(n >= 1 and beta > 0, SettingError, "chrf", "n >= 1 and beta > 0", f"n={n}, beta={beta}")
    _check("chrf", hypotheses, references)
    totals: Counts = [(0, 0, 0)] * n
    for hypothesis, of_it in zip(hypotheses, references, strict=True):
        counts = [_counts(hypothesis, reference, n) for reference in of_it]
        best = max(counts, key=lambda one: _score(one, beta))
        totals = [(a + d, b + e, c + f) for (a, b, c), (d, e, f) in zip(totals, best, strict=True)]
    return _score(totals, beta)


def _counts(hypothesis: str, reference: str, n: int) -> Counts:
    found = []
    for order in range(1, n + 1):
        one, other = _grams(hypothesis, order), _grams(reference, order)
        found.append(((one & other).total(), one.total(), other.total()))
    return found


def _grams(text: str, order: int) -> Counter[str]:
    letters = "".join(text.split())
    return Counter(letters[i : i + order] for i in range(len(letters) - order + 1))


def _score(counts: Counts, beta: float) -> float:
    there = [(match / own, match / others) for match, own, others in counts if own and others]
    if not there:
        return 0.0
    precision, recall = (sum(column) / len(there) for column in zip(*there, strict=True))
    weighted = beta**2 * precision + recall
    return (1 + beta**2) * precision * recall / weighted if weighted else 0.0


def _check(operation: str, hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    sizes = len(hypotheses), len(references)
    expect(sizes[0] == sizes[1], ShapeError, operation, "as many hypotheses as lists of references", sizes)
    expect(sizes[0] > 0, DataError, operation, "at least one sentence", "none")
    texts = all(not isinstance(of_it, str) and len(of_it) > 0 for of_it in references)
    expect(texts, DataError, operation, "a list of references for each sentence", "none, or a single text")
