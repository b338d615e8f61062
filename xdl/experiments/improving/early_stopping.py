"""Early stopping: the same network trained to the end, and stopped where validation is best (hwdong 5.4.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from xdl import nn
from xdl.experiments.shared import dense
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.experiments.shared.images import images_of, part_of
from xdl.experiments.shared.versus import Variant, train_variants
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"epochs": 30, "batch_size": 32, "samples": 1000}}
QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings(dense.Settings):
    """Few training images, many passes, wrong labels: validation gets worse while the training loss still falls."""

    epochs: int = setting(60, "passes over the training images", low=1)
    samples: int = setting(200, "training images to use; 0: all", low=0)
    label_noise: float = setting(0.3, "share of the training images that get a wrong label", low=0, high=0.9)
    patience: int = setting(5, "stop after so many epochs without a better validation loss", low=1)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network of the experiment mlp."""
    return dense.build(settings, shape, classes)


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Two trainings from the same weights; the one that stops early gets its best weights back."""
    variants = {
        "to the end": Variant(replace(settings, patience=0), build),
        "with early stopping": Variant(settings, build),
    }
    return train_variants(run, part_of(images_of(run), settings.samples, settings.label_noise), variants)
