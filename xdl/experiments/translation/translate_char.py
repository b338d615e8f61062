"""Encoder and decoder on letters, each a one-hot vector (hwdong 7.11.1, 7.11.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import nn
from xdl.creation import eye
from xdl.experiments.translation import teaching
from xdl.experiments.translation.prepared import Languages
from xdl.experiments.translation.seq2seq import Seq2Seq
from xdl.experiments.translation.translating import Kind, train_translator
from xdl.experiments.translation.translator import Translator
from xdl.runs.run import Run
from xdl.runs.settings import setting


@dataclass(frozen=True)
class Settings(teaching.RecurrentSettings):
    """Of the training."""

    epochs: int = setting(20, "passes over the training pairs", low=1)
    hidden: int = setting(128, "units of the decoder, and of the encoder in each direction", low=1)
    lr: float = setting(0.01, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(0.93, "factor of the rate after each epoch", above=0, high=1)


def build(settings: Settings, languages: Languages) -> nn.Module:
    """The untrained model; its tables are fixed: row i is 0 but for a 1 at place i."""
    source, target = (nn.Embedding.from_pretrained(eye(len(side))) for side in (languages.source, languages.target))
    return Seq2Seq(source, target, settings.hidden, False, settings.dropout)


KIND = Kind(build, letters=True)
TASK = Translator(KIND)
QUICK = {"samples": 500, "epochs": 1}
PRESETS = teaching.presets(hidden=128, epochs=12)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it, translates held-out sentences, and compares."""
    return train_translator(run, settings, KIND).results
