"""Network in Network: 1x1 convolutions and means in place of linear layers (Lin et al. 2014; hwdong 6.5.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import models, nn
from xdl.experiments.image_networks.classic import PRESETS, SIZE, ClassicSettings, large_then_small
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.runs.run import Run
from xdl.runs.settings import setting

__all__ = ["PRESETS", "QUICK", "SIZE", "TASK", "Settings", "build", "run"]


QUICK = {"epochs": 1, "samples": 600, "large": False}


@dataclass(frozen=True)
class Settings(ClassicSettings):
    """The last convolution has one map a class, and the mean of a map is the logit."""

    dropout: float = setting(0.1, "probability of dropping a value after each pooling", low=0, high=0.9)
    width: float = setting(0.25, "factor on the channels of the paper's network for CIFAR-10", above=0, high=4)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The small network for images of this shape."""
    return models.SmallNiN(classes, settings.dropout, shape[0], settings.width)


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A step of the large network, then the training of the small one."""
    return large_then_small(run, settings, models.NiN, build)
