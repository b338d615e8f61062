"""AlexNet: its size for ImageNet, and a small one on small images (Krizhevsky et al. 2012; hwdong 6.5.2)."""

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
    """Most weights are in the linear layers, which is why dropout came with this network."""

    dropout: float = setting(0.3, "probability of dropping an input of the linear layers", low=0, high=0.9)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The small network for images of this shape."""
    return models.SmallAlexNet(classes, settings.dropout, in_channels=shape[0])


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A step of the large network, then the training of the small one."""
    return large_then_small(run, settings, models.AlexNet, build)
