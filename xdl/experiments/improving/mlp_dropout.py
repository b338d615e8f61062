"""Dropout: the same network with and without it (Srivastava et al. 2014; hwdong 5.4.2; 徐彬, chapter 9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from xdl import nn
from xdl.experiments.shared import dense
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.versus import Variant, more_accurate, smaller_gap, train_variants
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"epochs": 30, "batch_size": 32, "samples": 1000}}
QUICK = {"epochs": 20, "seeds": 2}
CLAIMS = {
    "with dropout the test accuracy is higher": more_accurate,
    "with dropout the gap, validation loss less training loss, is smaller": smaller_gap,
}


@dataclass(frozen=True)
class Settings(dense.Settings):
    """Few training images, many with a wrong label: learning them by heart does harm."""

    epochs: int = setting(40, "passes over the training images", low=1)
    samples: int = setting(500, "training images to use; 0: all", low=0)
    label_noise: float = setting(0.3, "share of the training images that get a wrong label", low=0, high=0.9)
    dropout: float = setting(0.5, "probability of dropping a hidden unit in training", low=0, high=0.9)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network of the experiment mlp."""
    return dense.build(settings, shape, classes)


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trainings of two kinds from the same weights, seed by seed: dropout keeps from learning wrong labels."""
    variants = {
        "without dropout": Variant(replace(settings, dropout=0.0), build),
        "with dropout": Variant(settings, build),
    }
    return train_variants(run, images_of(run), variants, settings.seeds, CLAIMS)
