"""LeNet-5 on images of the 28x28 pixels it was made for (LeCun et al. 1998; hwdong 6.5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import nn
from xdl.experiments.image_networks.look_inside import draw_feature_maps
from xdl.experiments.shared.classify import SCHEDULES, ClassifierSettings, train_classifier
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.models import LeNet5
from xdl.runs.run import Run
from xdl.runs.settings import setting

SIZE = 28
PRESETS = {"mnist": {"epochs": 12, "batch_size": 64, "lr": 0.002, "schedule": "cosine", "dropout": 0.1}}
QUICK = {"epochs": 3}


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """61706 weights and, on the digits, 1295 images: dropout keeps the network from learning them by heart."""

    lr: float = setting(0.003, "learning rate of the first epoch", above=0)
    schedule: str = setting("exponential", "how the learning rate changes from epoch to epoch", choices=SCHEDULES)
    dropout: float = setting(0.3, "probability of dropping a hidden unit in training", low=0, high=0.9)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """LeNet-5, which takes images of (1, 28, 28) only."""
    return LeNet5(classes, settings.dropout)


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it; the filters' figure shows the six 5x5 filters of the first convolution."""
    trained, results = train_classifier(run, settings, build, SIZE)
    draw_feature_maps(run, trained.model.features, trained.data)
    return results
