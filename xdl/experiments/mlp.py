"""A fully connected network on 8x8 digits (hwdong 4.3.6, there 784-200-100-10; 徐彬 3.8, there 784-500-10)."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from xdl import nn
from xdl.data import load_digits
from xdl.experiments.classify import ClassifierSettings, train_classifier
from xdl.experiments.run import Run
from xdl.experiments.settings import setting
from xdl.models import MLP

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """Two hidden layers by default, as in hwdong's network."""

    hidden: tuple[int, ...] = setting((200, 100), "units of each hidden layer, from the input on", low=1)
    activation: str = setting("relu", "what makes the layers more than one", choices=tuple(ACTIVATIONS))


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it; the filters' figure shows the weights of the first hidden units as images."""
    data = load_digits()
    shape, classes = data.image_shape, len(data.class_names)
    model = MLP((prod(shape), *settings.hidden, classes), ACTIVATIONS[settings.activation])
    first = model.layers[1]
    return train_classifier(run, model, data, settings, lambda: first.weight.numpy().reshape(-1, *shape))
