"""Word vectors by negative sampling: skip-gram and CBOW (Mikolov and others, 2013; hwdong 7.11.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import xdl
from xdl import nn, optim
from xdl.data import DataLoader, TensorDataset, Vocabulary
from xdl.data.text.contexts import context_windows, numbered, skip_grams, thinned, word_counts
from xdl.data.text.vocabulary import PADDING
from xdl.errors import DataError
from xdl.experiments.shared.known_words import known_words
from xdl.functional import searchsorted, softplus
from xdl.random import Stream
from xdl.tensor import Tensor
from xdl.train import Measures, Task

POWER = 0.75  # of the counts, in the chances of negatives
SHARED = 32  # negatives that all pairs of a batch share
TOO_FEW = "A length or a threshold may be too small, or min_count too large"
MEASURED = 512  # negatives of a batch when the loss is measured


class WordVectorModel(nn.Module):
    """Two vectors a word: `inputs` (V, D), which are kept as its vector, and `outputs` (V, D), of it as a neighbour."""

    def __init__(self, words: int, size: int) -> None:
        self.inputs = nn.Embedding(words, size, padding_idx=0)
        self.outputs = nn.Embedding(words, size, padding_idx=0)
        nn.init.uniform_(self.inputs.weight, -0.5 / size, 0.5 / size)
        nn.init.zeros_(self.outputs.weight)

    def forward(self, given: Tensor) -> Tensor:
        """The vectors (B, D) of words (B,), or the means of those of windows (B, 2 W), of which 0 is no word."""
        v: Tensor = self.inputs(given)
        if given.ndim == 1:
            return v
        return v.sum(1) / (given != 0).to(v.dtype).sum(1, keepdim=True)


class NegativeSampling(Task):
    """Tells true neighbours from words that are drawn by chance, with their counts to the power of 3/4.

    A batch is (given, word): of skip-gram a centre (B,) and a neighbour of it (B,), of CBOW a window (B, 2 W) and its
    centre (B,). With v the vector of what is given, u of the word and n of `SHARED` words that are drawn for the whole
    batch, the loss is -log sigmoid(u v) - negatives * mean over n of log sigmoid(-n v).

    counts: (V,) of the words in the training text
    """

    unit = "pairs"

    def __init__(self, model: WordVectorModel, counts: Tensor, lr: float, negatives: int) -> None:
        self.model, self.negatives = model, negatives
        self.optimizer = optim.Adam(model.parameters(), lr=lr)
        chances = counts.to("float64") ** POWER
        self._running = (chances / chances.sum()).cumsum(0)

    def parts(self) -> Mapping[str, Any]:
        """model and optimizer."""
        return {"model": self.model, "optimizer": self.optimizer}

    def train_step(self, batch: Any) -> Measures:
        """One step on a batch of pairs."""
        measures = self._measures(batch, xdl.rand(SHARED, dtype="float64"))
        self.minimize(measures["loss"], self.optimizer, len(batch[0]))
        return measures

    def evaluate_step(self, batch: Any) -> Measures:
        """The loss of a batch, with more negatives, the same in every batch."""
        return self._measures(batch, xdl.rand(MEASURED, dtype="float64", generator=Stream(0, "held-out negatives")))

    def _measures(self, batch: Any, u: Tensor) -> Measures:
        """The loss of a batch, with negatives drawn by uniform numbers u."""
        given, word = batch
        v = self.model(given)
        true = (v * self.model.outputs(word)).sum(1)
        drawn = searchsorted(self._running, u).clip(0, len(self._running) - 1)
        false = v @ self.model.outputs(drawn).T
        loss = softplus(-true).mean() + self.negatives * softplus(false).mean()
        return Measures({"loss": loss}, len(word))


@dataclass(frozen=True)
class Company:
    """A text made ready for word vectors: its vocabulary, how often each word comes, and a dataset of pairs."""

    vocabulary: Vocabulary
    counts: list[int]
    pairs: TensorDataset

    def loader(self, batch_size: int, shuffle: bool = True) -> DataLoader:
        """Its pairs, in a new order each pass."""
        return DataLoader(self.pairs, batch_size, shuffle=shuffle)

    def untrained(self, size: int) -> WordVectorModel:
        """A model of its words, before any training."""
        return WordVectorModel(len(self.vocabulary), size)

    def task(self, model: WordVectorModel, lr: float, negatives: int) -> NegativeSampling:
        """What a step of its training is."""
        return NegativeSampling(model, xdl.tensor(self.counts), lr, negatives)


def company_of(
    sentences: Sequence[Sequence[str]],
    *,
    window: int,
    min_count: int,
    threshold: float = 0.0,
    cbow: bool = False,
    seed: int = 0,
) -> Company:
    """The pairs of a text: words that occur `min_count` times, and their neighbours up to `window` words away.

    threshold: see `thinned`; 0 keeps all frequent words;  cbow: windows and their centres, in place of pairs

    Raises SettingError for a min_count beyond the text, DataError where no two words are left side by side.
    """
    tokens = (token for sentence in sentences for token in sentence)
    vocabulary = known_words(tokens, min_count, (PADDING,))
    numbers = numbered(sentences, vocabulary)
    counts = word_counts(numbers, len(vocabulary)).tolist()
    kept = thinned(numbers, len(vocabulary), threshold, seed) if threshold else numbers
    if all(len(sentence) < 2 for sentence in kept):
        raise DataError("word vectors", "two words that have vectors in some training text", "none", TOO_FEW)
    return Company(vocabulary, counts, _pairs(kept, window, cbow, seed))


def of_others(
    vocabulary: Vocabulary,
    counts: Sequence[int],
    sentences: Sequence[Sequence[str]],
    *,
    window: int,
    threshold: float = 0.0,
    cbow: bool = False,
) -> Company:
    """The pairs of other sentences, held out ones; words that are not in the vocabulary are passed over.

    Raises DataError where they have no two known words together.
    """
    numbers = numbered(sentences, vocabulary)
    kept = thinned(numbers, len(vocabulary), threshold) if threshold else numbers
    return Company(vocabulary, list(counts), _pairs(kept, window, cbow, 0))


def _pairs(numbers: Sequence[Any], window: int, cbow: bool, seed: int) -> TensorDataset:
    if cbow:
        windows, centres = context_windows(numbers, window, seed)
        return TensorDataset(windows.clip(0), centres)
    return TensorDataset(*skip_grams(numbers, window, seed))


def loss_of_frequency(company: Company, negatives: int) -> float:
    """The loss of the best scores that know how often words come, and nothing of their company: the baseline.

    With P the shares of words as neighbours and N the chances of negatives, the score of word w is
    log(P(w) / (negatives * N(w))).
    """
    found = Counter(company.pairs.arrays[-1].tolist())
    total, loss = found.total(), 0.0
    powers = [count**POWER for count in company.counts]
    of_all = sum(powers)
    for number, power in enumerate(powers):
        share, drawn = found[number] / total, negatives * power / of_all
        if share:
            loss -= share * log(share / (share + drawn))
        if drawn:
            loss -= drawn * log(drawn / (share + drawn))
    return loss
