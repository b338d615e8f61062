"""AlexNet: its size for ImageNet, and a small one on small images (Krizhevsky et al. 2012; hwdong 6.5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import models, nn
from xdl.experiments.classify import SCHEDULES, ClassifierSettings, train_classifier
from xdl.experiments.large import large_step
from xdl.experiments.run import Run
from xdl.experiments.settings import setting

SIZE = 28
PRESETS = {"mnist": {"epochs": 5, "batch_size": 64}, "fashion-mnist": {"epochs": 15}}


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """Most weights are in the linear layers, which is why dropout came with this network."""

    epochs: int = setting(12, "passes over the training images", low=1)
    schedule: str = setting("cosine", "how the learning rate changes from epoch to epoch", choices=SCHEDULES)
    dropout: float = setting(0.3, "probability of dropping an input of the linear layers", low=0, high=0.9)
    large: bool = setting(True, "also build the network for 224x224 pixels, and take one step with it")


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The small network for images of this shape."""
    return models.SmallAlexNet(classes, settings.dropout, in_channels=shape[0])


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The large network first, then the training of the small one."""
    large = {"large": large_step(run, models.AlexNet)} if settings.large else {}
    _, results = train_classifier(run, settings, build, SIZE)
    return {**results, **large}
