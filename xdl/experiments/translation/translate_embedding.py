"""Encoder and decoder on vectors of tokens that are learned along the way (hwdong 7.11.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import nn
from xdl.experiments.translation import teaching
from xdl.experiments.translation.prepared import Languages
from xdl.experiments.translation.seq2seq import Seq2Seq
from xdl.experiments.translation.translating import Kind, train_translator
from xdl.experiments.translation.translator import Translator
from xdl.runs.run import Run
from xdl.runs.settings import setting


@dataclass(frozen=True)
class Settings(teaching.Settings):
    """Of the training, and the vectors' size."""

    epochs: int = setting(24, "passes over the training pairs", low=1)
    lr: float = setting(0.005, "learning rate of the first epoch", above=0)
    lr_decay: float = setting(0.97, "factor of the rate after each epoch", above=0, high=1)
    embedding: int = setting(32, "numbers of a token's vector", low=1)


def build(settings: Settings, languages: Languages) -> nn.Module:
    """The untrained model."""
    source, target = (nn.Embedding(len(side), settings.embedding) for side in (languages.source, languages.target))
    return Seq2Seq(source, target, settings.hidden, False, settings.dropout)


KIND = Kind(build)
TASK = Translator(KIND)
QUICK = {"samples": 500, "epochs": 2}
PRESETS = teaching.presets(embedding=64, epochs=16)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it, translates held-out sentences, and compares."""
    return train_translator(run, settings, KIND).results
