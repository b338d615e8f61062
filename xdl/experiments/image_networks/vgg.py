"""VGG: its size for ImageNet, and a small one on small images (Simonyan, Zisserman 2015; hwdong 6.5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import models, nn
from xdl.experiments.image_networks.classic import PRESETS, SIZE, ClassicSettings, large_then_small
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.runs.run import Run
from xdl.runs.settings import setting

__all__ = ["PRESETS", "QUICK", "SIZE", "TASK", "Settings", "build", "run"]


QUICK = {"epochs": 1, "samples": 150, "large": False}


@dataclass(frozen=True)
class Settings(ClassicSettings):
    """Nothing but 3x3 convolutions; batch norm, which came five months later, makes the depth easy to train."""

    batch_norm: bool = setting(True, "normalize between convolution and ReLU")


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The small network for images of this shape."""
    return models.SmallVGG(classes, settings.batch_norm, in_channels=shape[0])


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A step of VGG-16, then the training of the small network."""
    return large_then_small(run, settings, models.vgg16, build)
