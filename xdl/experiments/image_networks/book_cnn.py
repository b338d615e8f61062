"""徐彬's convolutional network: 5x5x32, pool, 5x5x64, pool, 512, 10, with Adam, batch 32 (5.7, 5.8, figure 5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import nn
from xdl.experiments.image_networks.look_inside import draw_feature_maps
from xdl.experiments.shared.classify import ClassifierSettings, train_classifier
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.models import BookCNN
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"epochs": 4, "schedule": "cosine"}, "fashion-mnist": {"epochs": 10}}
QUICK = {"epochs": 2}


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """The book's: Adam, batches of 32."""

    batch_norm: bool = setting(False, "conv - batch norm - ReLU - pool in place of conv - ReLU - pool")


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network for images of this shape."""
    channels, height, width = shape
    return BookCNN(classes, (channels, height, width), settings.batch_norm)


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it; figures show the first filters, and what both convolutions make of one image."""
    trained, results = train_classifier(run, settings, build)
    draw_feature_maps(run, trained.model.features, trained.data)
    return results
