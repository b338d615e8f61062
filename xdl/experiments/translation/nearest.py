"""Nearest-neighbour translation: the translation of the most similar sentence of the training part. It learns nothing.

Sentences are compared by the cosine of their TF-IDF vectors: a word counts by how often it occurs in the sentence, and
the less the more training sentences have it: tf(w) * log((1 + N) / (1 + df(w))) (Sparck Jones 1972).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log, sqrt

from xdl.data import words
from xdl.data.text.pairs import Pair


class NearestTranslation:
    """Translates a sentence by the training pair whose source is nearest.

    pairs: of the training part. Of equally near ones the first is taken; of a sentence without a known word, pair 0.
    """

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.pairs = tuple(pairs)
        counts = [Counter(words(source)) for source, _ in pairs]
        documents = Counter(word for count in counts for word in count)
        self.rarity = {word: log((1 + len(pairs)) / (1 + n)) for word, n in documents.items()}
        self.where: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, count in enumerate(counts):
            for word, weight in self._unit(count).items():
                self.where[word].append((number, weight))

    def __call__(self, text: str) -> str:
        """The translation of the nearest source."""
        cosines: dict[int, float] = defaultdict(float)
        for word, weight in self._unit(Counter(words(text))).items():
            for number, other in self.where.get(word, ()):
                cosines[number] += weight * other
        best = max(cosines, key=lambda number: (cosines[number], -number), default=0)
        return self.pairs[best][1]

    def _unit(self, count: Counter[str]) -> dict[str, float]:
        """The TF-IDF vector of length 1, of the words that are known."""
        vector = {word: n * self.rarity[word] for word, n in count.items() if word in self.rarity}
        length = sqrt(sum(value * value for value in vector.values()))
        return {word: value / length for word, value in vector.items()} if length else {}
