"""VGG: its size for ImageNet, and a small one on small images (Simonyan, Zisserman 2015; hwdong 6.5.3)."""

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
    """Nothing but 3x3 convolutions; batch norm, which came a year later, makes the depth easy to train."""

    epochs: int = setting(8, "passes over the training images", low=1)
    schedule: str = setting("cosine", "how the learning rate changes from epoch to epoch", choices=SCHEDULES)
    batch_norm: bool = setting(True, "normalize between convolution and ReLU")
    large: bool = setting(True, "also build the network for 224x224 pixels, and take one step with it")


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The small network for images of this shape."""
    return models.SmallVGG(classes, settings.batch_norm, in_channels=shape[0])


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """VGG-16 first, then the training of the small network."""
    large = {"large": large_step(run, models.vgg16)} if settings.large else {}
    _, results = train_classifier(run, settings, build, SIZE)
    return {**results, **large}
