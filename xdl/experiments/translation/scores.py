"""How well held-out sentences are translated: greedily, by a beam, and by the nearest sentence of the training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xdl.creation import tensor
from xdl.data.text.padding import padded
from xdl.data.text.pairs import Pair, checked_tokens
from xdl.experiments.translation.decoding import Translator, Written, beam_search
from xdl.experiments.translation.prepared import Languages
from xdl.train.metrics import chrf, exact_match

AT_ONCE = 100  # sentences that are decoded together


@dataclass(frozen=True)
class HeldOut:
    """Sentences that were not trained on, each once, with all translations that the held-out part has of it."""

    sentences: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]
    lengths: tuple[int, ...]  # of the sentences, in tokens

    @classmethod
    def of(cls, pairs: Sequence[Pair], languages: Languages, most: int = 0) -> HeldOut:
        """Those of pairs; most: at most so many, evenly over them all; 0: all."""
        found: dict[str, list[str]] = {}
        for source, target in pairs:
            found.setdefault(source, []).append(target)
        kept = list(found)
        stride = max(1, -(-len(kept) // most)) if most else 1
        kept = kept[::stride]
        references = tuple([tuple(found[source]) for source in kept])
        return cls(tuple(kept), references, tuple([len(languages.tokens(source)) for source in kept]))

    @cached_property
    def median(self) -> float:
        """The median length."""
        ordered, half = sorted(self.lengths), len(self.lengths) // 2
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2

    @property
    def longer(self) -> list[int]:
        """The numbers of the sentences that are longer than the median; where none is, of those as long."""
        above = [i for i, length in enumerate(self.lengths) if length > self.median]
        return above or [i for i, length in enumerate(self.lengths) if length == self.median]

    def groups(self) -> list[tuple[int, int, list[int]]]:
        """(least length, largest, numbers of the sentences) of up to five groups of about equal size by length."""
        order = sorted(range(len(self.lengths)), key=self.lengths.__getitem__)
        bounds = sorted({self.lengths[order[min(len(order) - 1, (i + 1) * len(order) // 5)]] for i in range(5)})
        low, groups = 0, []
        for high in bounds:
            group = [i for i in order if low < self.lengths[i] <= high]
            if group:
                groups.append((self.lengths[group[0]], high, group))
            low = high
        return groups


def translate(
    model: Translator, languages: Languages, sentences: Sequence[str], width: int = 1
) -> list[tuple[str, Written]]:
    """The translation of each sentence, as text and as it was written; width: of the beam, 1 is greedy decoding.

    Raises DataError for a sentence without tokens, naming it.
    """
    found = []
    for first in range(0, len(sentences), AT_ONCE):
        some = sentences[first : first + AT_ONCE]
        numbers = [languages.source.encode(checked_tokens(text, languages.tokens)) for text in some]
        source, lengths = padded(numbers)
        inputs = tensor(source, dtype="int64"), tensor(lengths, dtype="int64")
        written = beam_search(model, *inputs, languages.marks, languages.limit, width=width)
        found += [(languages.text(one.words), one) for one in written]
    return found


def measured(held: HeldOut, translations: Sequence[str], among: Sequence[int] | None = None) -> dict[str, float]:
    """chrF and the share of exact matches; among: numbers of the sentences that count."""
    chosen = range(len(held.sentences)) if among is None else among
    texts, references = [translations[i] for i in chosen], [held.references[i] for i in chosen]
    return {"chrf": chrf(texts, references), "exact": exact_match(texts, references)}


def by_length(held: HeldOut, translations: Mapping[str, Sequence[str]]) -> dict[str, list[Any]]:
    """{way: its chrF in each of `groups`}, with "lengths", the groups' middle."""
    groups = held.groups()
    scores = {
        name: [measured(held, texts, group)["chrf"] for _, _, group in groups] for name, texts in translations.items()
    }
    return {"lengths": [(low + high) / 2 for low, high, _ in groups], **scores}
