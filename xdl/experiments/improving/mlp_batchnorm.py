"""Batch norm: the same network with and without it (Ioffe and Szegedy 2015; hwdong 5.3.3; 徐彬 6.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from xdl import nn
from xdl.experiments.shared import dense
from xdl.experiments.shared.classify import Trained
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.versus import Variant, more_accurate, smaller_gap, train_variants
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {
    "mnist": {"epochs": 10, "batch_size": 128, "hidden": (200, 100)},
    "fashion-mnist": {"hidden": (500, 200, 100)},
}
QUICK = {"epochs": 6, "samples": 500, "seeds": 2}


def _learns_faster(without: Trained, normalized: Trained) -> bool:
    middle = (len(without.history) - 1) // 2
    return normalized.history[middle]["train_loss"] < without.history[middle]["train_loss"]


CLAIMS = {
    "with batch norm the training loss is lower after half of the epochs": _learns_faster,
    "with batch norm the test accuracy is higher": more_accurate,
    "with batch norm the gap, validation loss less training loss, is smaller": smaller_gap,
}


@dataclass(frozen=True)
class Settings(dense.Settings):
    """Sigmoids saturate: without batch norm the network learns slowly."""

    epochs: int = setting(15, "passes over the training images", low=1)
    activation: tuple[str, ...] = setting(("sigmoid",), "of all hidden layers, or one each", choices=dense.CHOICES)
    batch_norm: bool = setting(True, "normalize the pre-activations of the hidden layers")
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network of the experiment mlp."""
    return dense.build(settings, shape, classes)


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trainings of two kinds from the same weights, seed by seed: with batch norm the loss falls in fewer epochs."""
    variants = {
        "without batch norm": Variant(replace(settings, batch_norm=False), build),
        "with batch norm": Variant(settings, build),
    }
    return train_variants(run, images_of(run), variants, settings.seeds, CLAIMS)
