"""Softmax regression on 8x8 digits: "the first neural network" (hwdong 3.7.3; 徐彬 2.7 and 2.10)."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from xdl.data import load_digits
from xdl.experiments.classify import OPTIMIZERS, ClassifierSettings, train_classifier
from xdl.experiments.run import Run
from xdl.experiments.settings import setting
from xdl.models import SoftmaxRegression


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """A linear model has one valley: plain gradient descent finds it."""

    epochs: int = setting(40, "passes over the training images", low=1)
    optimizer: str = setting("sgd", "how the weights follow the gradient", choices=tuple(OPTIMIZERS))
    lr: float = setting(0.05, "learning rate of the first epoch", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it; the filters' figure shows, for each digit, which pixels speak for it and which against it."""
    data = load_digits()
    shape, classes = data.image_shape, len(data.class_names)
    model = SoftmaxRegression(prod(shape), classes)
    return train_classifier(run, model, data, settings, lambda: model.linear.weight.numpy().reshape(-1, *shape))
