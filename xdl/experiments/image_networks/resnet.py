"""A residual network on small images (He, Zhang, Ren, Sun 2016, section 4.2; hwdong 6.5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import models, nn
from xdl.data.augment import RandomAffine
from xdl.experiments.image_networks.classic import PRESETS, SIZE, ClassicSettings, large_then_small
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.runs.run import Run
from xdl.runs.settings import setting

__all__ = ["PRESETS", "QUICK", "SIZE", "TASK", "Settings", "build", "run"]


QUICK = {"epochs": 1, "samples": 600, "depth": 8, "large": False}


@dataclass(frozen=True)
class Settings(ClassicSettings):
    """ResNet-20 as the paper builds it for CIFAR-10; the large network is ResNet-50."""

    optimizer: str = setting("adamw", "how the weights follow the gradient", choices=("sgd", "adam", "adamw"))
    lr: float = setting(0.003, "learning rate of the first epoch", above=0)
    weight_decay: float = setting(0.01, "how strongly weights are pulled to 0", low=0)
    depth: int = setting(20, "layers: 8, 14, 20, 32, 44, 56, 110 or any other 6 n + 2", low=8, high=1202)
    augment: bool = setting(True, "turn, move and scale the training images a little, anew in every epoch")


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network of the paper's section 4.2 for images of this shape."""
    return models.CifarResNet(settings.depth, classes, in_channels=shape[0])


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """A step of ResNet-50, then the training of the small network."""
    transform = RandomAffine(degrees=10, translate=(0.07, 0.07), scale=(0.9, 1.1)) if settings.augment else None
    return large_then_small(run, settings, models.resnet50, build, transform)
