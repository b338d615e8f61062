"""The trainings of `sentiment`: word vectors by word2vec on the training texts, then a BiGRU on top of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xdl import nn, optim, tensor
from xdl.data import DataLoader
from xdl.data.text.bucketing import LengthBuckets
from xdl.data.text.padding import PaddedTexts
from xdl.data.text.vectors import WordVectors, embedding_matrix, read_vectors
from xdl.errors import SettingError, expect
from xdl.experiments.shared.negative_sampling import company_of
from xdl.experiments.words.bigru import BiGRU
from xdl.experiments.words.effects import BATCH
from xdl.experiments.words.preparation import Preparation
from xdl.runs.run import Run
from xdl.tensor import Tensor
from xdl.train import Callback, Events, Loop, Trainer, accuracy


@dataclass(frozen=True)
class Parts:
    """The three parts of a set as tokens and as datasets."""

    tokens: dict[str, list[list[str]]]
    datasets: dict[str, PaddedTexts]

    def loader(self, name: str) -> DataLoader:
        """A part in batches for measuring, in order."""
        return DataLoader(self.datasets[name], BATCH)

    def training(self, batch_size: int) -> DataLoader:
        """The training part, texts of similar lengths together, in a new order each pass."""
        train = self.datasets["train"]
        return DataLoader(train, batch_sampler=LengthBuckets(train.lengths, batch_size))


def first_vectors(run: Run, settings: Any, preparation: Preparation, tokens: Sequence[Sequence[str]]) -> Tensor | None:
    """The embedding (V, D) to begin with, by settings.vectors: own, none (None is returned), or a file of vectors.

    Raises SettingError for no name, DataError for a file that cannot be read, or that knows no word of the vocabulary.
    """
    expect(bool(settings.vectors), SettingError, "vectors", "own, none, or the name of a file", "an empty word")
    if settings.vectors == "none":
        return None
    if settings.vectors == "own":
        vectors = own_vectors(run, settings, tokens)
    else:
        vectors = read_vectors(Path(settings.vectors), wanted=set(preparation.vocabulary.tokens))
    matrix, share = embedding_matrix(preparation.vocabulary, vectors)
    run.say(f"word vectors ({settings.vectors}): {share:.1%} of {len(preparation.vocabulary)} tokens have one")
    scale = settings.vector_std / max(float(matrix.std()), 1e-12)
    return tensor(matrix * scale, dtype="float32")


def own_vectors(run: Run, settings: Any, tokens: Sequence[Sequence[str]]) -> WordVectors:
    """Vectors by skip-gram with negative sampling on the training texts; no label is looked at."""
    company = company_of(tokens, window=5, min_count=settings.min_count, threshold=1e-3)
    model = company.untrained(settings.size)
    loop = Loop(company.task(model, 0.01, 5), [Events(run.events, "word vectors")])
    history = loop.fit(company.loader(1024), epochs=settings.vector_epochs)
    run.say(f"word vectors: {len(company.pairs)} pairs, loss {history[-1]['train_loss']:.3f}")
    return WordVectors(company.vocabulary.tokens[1:], model.inputs.weight.detach()[1:].numpy())


def build(settings: Any, words: int, size: int, dropout: float | None = None) -> BiGRU:
    """The untrained model."""
    dropout = settings.dropout if dropout is None else dropout
    return BiGRU(words, size, settings.hidden, settings.layers, 2, dropout)


def trainer_of(settings: Any, model: BiGRU, vectors: Tensor | None, callbacks: Sequence[Callback]) -> Trainer:
    """The training of a model, whose embedding starts from the vectors; they are learned on."""
    if vectors is not None:
        model.embedding.weight.detach()[:] = vectors
    optimizer = optim.AdamW(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    return Trainer(model, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy}, callbacks, clip_norm=5.0)
