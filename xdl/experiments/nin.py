"""Network in Network: 1x1 convolutions and means in place of linear layers (Lin et al. 2014; hwdong 6.5.7)."""

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
    """The last convolution has one map a class, and the mean of a map is the logit."""

    epochs: int = setting(12, "passes over the training images", low=1)
    schedule: str = setting("cosine", "how the learning rate changes from epoch to epoch", choices=SCHEDULES)
    dropout: float = setting(0.1, "probability of dropping a value after each pooling", low=0, high=0.9)
    width: float = setting(0.25, "factor on the channels of the paper's network for CIFAR-10", above=0, high=4)
    large: bool = setting(True, "also build the network for 224x224 pixels, and take one step with it")


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The small network for images of this shape."""
    return models.SmallNiN(classes, settings.dropout, shape[0], settings.width)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """The large network first, then the training of the small one."""
    large = {"large": large_step(run, models.NiN)} if settings.large else {}
    _, results = train_classifier(run, settings, build, SIZE)
    return {**results, **large}
