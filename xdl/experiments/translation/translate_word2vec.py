"""Encoder and decoder on fixed word vectors, which skip-gram with negative sampling has made of the training part's
sentences, each language by itself (hwdong 7.11.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xdl import nn
from xdl.creation import eye, tensor, zeros
from xdl.data import Vocabulary
from xdl.data.text.pairs import SentencePairs
from xdl.data.text.vocabulary import END, START
from xdl.experiments.shared.negative_sampling import company_of
from xdl.experiments.translation import teaching
from xdl.experiments.translation.prepared import Languages
from xdl.experiments.translation.seq2seq import Seq2Seq
from xdl.experiments.translation.translating import Kind, train_translator
from xdl.experiments.translation.translator import Translator
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad
from xdl.train import Events, Loop

SIDES = ("source", "target")


@dataclass(frozen=True)
class Settings(teaching.RecurrentSettings):
    """Of the training, and of that of the word vectors before it."""

    epochs: int = setting(20, "passes over the training pairs", low=1)
    hidden: int = setting(128, "units of the decoder, and of the encoder in each direction", low=1)
    lr: float = setting(0.004, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(0.96, "factor of the rate after each epoch", above=0, high=1)
    embedding: int = setting(32, "numbers of a token's vector", low=1)
    window: int = setting(2, "how many tokens away a neighbour may be", low=1)
    vector_epochs: int = setting(1, "passes over the pairs of neighbours", low=1)
    negatives: int = setting(5, "words drawn by chance that count against a neighbour", low=1)


def build(settings: Settings, languages: Languages) -> nn.Module:
    """The model before its vectors are made: its tables are 0, and are not trained."""
    tables = (zeros(len(side), settings.embedding) for side in (languages.source, languages.target))
    source, target = map(nn.Embedding.from_pretrained, tables)
    return Seq2Seq(source, target, settings.hidden, False, settings.dropout)


def give_vectors(
    run: Run, settings: Settings, pairs: SentencePairs, languages: Languages, model: Any
) -> dict[str, Any]:
    """Makes the vectors of both languages from the training part, and puts them into the model's tables."""
    rows = []
    for side, texts in zip(SIDES, zip(*pairs.train, strict=True), strict=True):
        vocabulary: Vocabulary = getattr(languages, side)
        cut = [vocabulary.decode(vocabulary.encode(languages.tokens(text))) for text in texts]
        sentences = [[START, *tokens, END] for tokens in cut] if side == "target" else cut
        vectors, loss = vectors_of(run, settings, side, sentences, vocabulary)
        with no_grad():
            getattr(model, side).weight.copy_(vectors)
        rows.append((getattr(pairs, side), len(vocabulary), round(loss, 4), round(_nearest_cosine(vectors), 4)))
    run.see(
        "by skip-gram, the token that is most like a token has a cosine of "
        + ", ".join(f"{row[3]:.2f} in {row[0]}" for row in rows)
        + ": with those near 1, the translator can hardly tell them apart"
    )
    return {"vectors": run.table(("language", "tokens", "skip-gram loss", "cosine of the nearest"), rows)}


def _nearest_cosine(vectors: Tensor) -> float:
    """The mean over the tokens with a vector of the cosine to the most similar other."""
    norms = (vectors * vectors).sum(1, keepdim=True).sqrt()
    units = vectors / norms.clip(1e-9)
    cosines = units @ units.T - 2 * eye(len(vectors))
    nearest: float = cosines.amax(1).mean().item()
    return nearest


def vectors_of(
    run: Run, settings: Settings, side: str, sentences: Sequence[Sequence[str]], vocabulary: Vocabulary
) -> tuple[Tensor, float]:
    """Vectors (V, E) of all tokens by skip-gram, each column of mean 0 and std 1, and its last loss.

    Tokens that stand in the same places, as the digits of a date do, have vectors that are nearly equal: without this
    the translator could not tell them apart at all.
    """
    company = company_of(sentences, window=settings.window, min_count=1)
    trained = company.untrained(settings.embedding)
    task = company.task(trained, 0.01, settings.negatives)
    history = Loop(task, [Events(run.events, f"skip-gram, {side}")]).fit(
        company.loader(256), epochs=settings.vector_epochs
    )
    known = company.vocabulary
    rows = [known.number(token) if token in known else 0 for token in vocabulary.tokens]
    vectors = trained.inputs.weight.detach()[tensor(rows, dtype="int64")]
    return (vectors - vectors.mean(0)) / vectors.std(0), history[-1]["train_loss"]


KIND = Kind(build, prepare=give_vectors)
TASK = Translator(KIND)
QUICK = {"samples": 500, "epochs": 1}
PRESETS = teaching.presets(hidden=128, embedding=64, epochs=16, vector_epochs=10)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Makes the vectors, trains on them, translates held-out sentences, and compares."""
    return train_translator(run, settings, KIND).results
