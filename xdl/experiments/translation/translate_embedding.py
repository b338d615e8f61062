"""Encoder and decoder on vectors of tokens that are learned along the way; the embedding's gradient is compared with a
numerical one (hwdong 7.11.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import nn
from xdl.creation import tensor
from xdl.experiments.translation import teaching
from xdl.experiments.translation.prepared import Languages
from xdl.experiments.translation.seq2seq import Seq2Seq
from xdl.experiments.translation.teaching import TeacherForcing
from xdl.experiments.translation.translating import Kind, Translated, train_translator
from xdl.experiments.translation.translator import Translator
from xdl.optim import SGD
from xdl.random import randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import no_grad

EPS = 1e-6  # half the distance of the numerical slope's two points


@dataclass(frozen=True)
class Settings(teaching.RecurrentSettings):
    """Of the training, and the vectors' size."""

    epochs: int = setting(20, "passes over the training pairs", low=1)
    hidden: int = setting(128, "units of the decoder, and of the encoder in each direction", low=1)
    lr: float = setting(0.004, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(0.96, "factor of the rate after each epoch", above=0, high=1)
    embedding: int = setting(32, "numbers of a token's vector", low=1)


def build(settings: Settings, languages: Languages) -> nn.Module:
    """The untrained model."""
    source, target = (nn.Embedding(len(side), settings.embedding) for side in (languages.source, languages.target))
    return Seq2Seq(source, target, settings.hidden, False, settings.dropout)


KIND = Kind(build)
TASK = Translator(KIND)
QUICK = {"samples": 500, "epochs": 2}
PRESETS = teaching.presets(hidden=128, embedding=64, epochs=16)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it, translates held-out sentences, and compares; checks the gradients of both embeddings."""
    trained = train_translator(run, settings, KIND)
    return {**trained.results, "gradient_checks": _check(run, settings, trained)}


def _check(run: Run, settings: Settings, trained: Translated) -> list[dict[str, Any]]:
    """The slope of the loss along a random direction of each table: by the tape, and by two losses nearby."""
    run.reseed()
    model: Any = build(settings, trained.languages).double().eval()
    batch = trained.languages.encoded(trained.pairs.train[:8]).batch(range(8))
    task = TeacherForcing(model, SGD(model.parameters(), lr=1.0), 1.0, None)
    rows = []
    for side in ("source", "target"):
        table = getattr(model, side).weight
        direction, place = randn(*table.shape, dtype="float64"), table.detach().clone()
        model.zero_grad()
        task.measure([tensor(part) for part in batch])["loss"].backward()
        by_tape = (table.grad * direction).sum().item()
        near = []
        with no_grad():
            for step in (EPS, -EPS):
                table.copy_(place + step * direction)
                near.append(task.measure([tensor(part) for part in batch])["loss"].item())
            table.copy_(place)
        numerical = (near[0] - near[1]) / (2 * EPS)
        rows.append((f"embedding of the {side}", by_tape, numerical, abs(by_tape - numerical)))
    return run.table(("table", "slope by the tape", "numerical slope", "difference"), rows)
