"""Nearest words: by the cosine of the angle between their vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdl.data import Vocabulary
from xdl.functional import normalize, topk
from xdl.tensor import Tensor, no_grad


def nearest(vectors: Tensor, rows: Sequence[int], k: int, among: Sequence[int]) -> list[list[tuple[int, float]]]:
    """For each of the rows its k nearest others: (row, cosine), the nearest first.

    vectors: (V, D);  among: the rows that may be found, more than k
    """
    with no_grad():
        unit = normalize(vectors, dim=1)
        candidates = unit[list(among)]
        cosines, places = topk(unit[list(rows)] @ candidates.T, min(k + 1, len(among)), dim=1)
    found = []
    for row, near, at in zip(rows, cosines.tolist(), places.tolist(), strict=True):
        others = [(among[place], cosine) for place, cosine in zip(at, near, strict=True) if among[place] != row]
        found.append(others[:k])
    return found


def share_in_group(vectors: Tensor, vocabulary: Vocabulary, groups: Mapping[str, str], k: int) -> float:
    """Which share of the k nearest of each word with a group, among all words, is of its own group."""
    rows = [vocabulary.number(word) for word in groups if word in vocabulary]
    found = nearest(vectors, rows, k, range(1, len(vocabulary)))
    right = [
        groups.get(vocabulary.tokens[other]) == groups[vocabulary.tokens[row]]
        for row, others in zip(rows, found, strict=True)
        for other, _ in others
    ]
    return sum(right) / len(right)
