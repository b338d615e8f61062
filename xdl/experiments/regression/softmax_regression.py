"""Softmax regression: "the first neural network" (hwdong 3.7.3; 徐彬 2.7 and 2.10)."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from xdl import nn, plot
from xdl.data import LabelledImages
from xdl.experiments.shared.classify import OPTIMIZERS, ClassifierSettings, train_classifier
from xdl.experiments.shared.image_classifier import ImageClassifier
from xdl.models import SoftmaxRegression
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Callback, WeightSnapshots

PRESETS = {"mnist": {"epochs": 20, "batch_size": 128, "optimizer": "adam", "lr": 0.001, "schedule": "cosine"}}
QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """A linear model has one valley: plain gradient descent finds it."""

    epochs: int = setting(40, "passes over the training images", low=1)
    optimizer: str = setting("sgd", "how the weights follow the gradient", choices=tuple(OPTIMIZERS))
    lr: float = setting(0.05, "learning rate of the first epoch", above=0)


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """One linear layer over all pixels."""
    return SoftmaxRegression(prod(shape), classes)


TASK = ImageClassifier(build)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it; the filters' figure shows, for each class, which pixels speak for it and which against it.

    The folder weights/ has the same picture after each epoch, and a strip of steps 0, 1, 2, 5, 10, ... to the last.
    """

    def snapshots(data: LabelledImages) -> list[Callback]:
        title, folder = f"{run.about['experiment']} on {data.name}", run.folder.path / "weights"
        drawn, names = plot.is_possible(), data.class_names
        return [WeightSnapshots(folder, shape=data.image_shape, strip=drawn, title=title, names=names)]

    _, results = train_classifier(run, settings, build, callbacks=snapshots)
    return results
