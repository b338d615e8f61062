"""A fully connected network (hwdong 4.3.6: 784-200-100-10, 4.3.9: 784-500-200-100-10; 徐彬 3.8: 784-500-10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from xdl import nn
from xdl.errors import SettingError
from xdl.experiments.classify import ClassifierSettings, train_classifier
from xdl.experiments.run import Run
from xdl.experiments.settings import setting
from xdl.models import MLP
from xdl.nn import init
from xdl.tensor import Tensor

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "none": nn.Identity,
}
CHOICES = tuple(ACTIVATIONS)
INITS: dict[str, Callable[[Tensor], Tensor]] = {
    "default": lambda weight: weight,
    "xavier": init.xavier_uniform_,
    "he": lambda weight: init.kaiming_normal_(weight, nonlinearity="relu"),
    "orthogonal": init.orthogonal_,
    "normal": lambda weight: init.normal_(weight, std=0.01),
}
PRESETS: dict[str, dict[str, Any]] = {
    "mnist": {"epochs": 25, "batch_size": 128, "schedule": "cosine", "hidden": (500, 200), "dropout": 0.2},
    "fashion-mnist": {"hidden": (500, 200, 100)},
}


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """Two hidden layers by default. Activations and initial weights may differ from layer to layer."""

    hidden: tuple[int, ...] = setting((200, 100), "units of each hidden layer, from the input on", low=1)
    activation: tuple[str, ...] = setting(("relu",), "of all hidden layers, or one each", choices=CHOICES)
    init: tuple[str, ...] = setting(("default",), "weights of all layers, or one each", choices=tuple(INITS))
    dropout: float = setting(0.0, "probability of dropping a hidden unit in training", low=0, high=0.9)
    batch_norm: bool = setting(False, "normalize the weighted sums of the hidden layers")

    def __post_init__(self) -> None:
        for name, values, layers in (
            ("activation", self.activation, len(self.hidden)),
            ("init", self.init, len(self.hidden) + 1),
        ):
            if len(values) not in (1, layers):
                raise SettingError(f"--set {name}", f"one value, or {layers}: one for each layer", ",".join(values))


def build(settings: Settings, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network, with its initial weights."""
    activations = [ACTIVATIONS[name] for name in _each(settings.activation, len(settings.hidden))]
    model = MLP((prod(shape), *settings.hidden, classes), activations, settings.dropout, settings.batch_norm)
    linear = [part for part in model.layers if isinstance(part, nn.Linear)]
    for layer, name in zip(linear, _each(settings.init, len(linear)), strict=True):
        INITS[name](layer.weight)
    return model


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains it; the filters' figure shows the weights of the first hidden units as images."""
    _, results = train_classifier(run, settings, build)
    return results


def _each(names: tuple[str, ...], layers: int) -> tuple[str, ...]:
    return names * layers if len(names) == 1 else names
