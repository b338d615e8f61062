"""Fully connected networks of images with any sizes, activations and initial weights: settings, and building them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from xdl import nn
from xdl.errors import SettingError
from xdl.experiments.shared.classify import ClassifierSettings
from xdl.models import MLP
from xdl.nn import init
from xdl.runs.settings import setting
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


@dataclass(frozen=True)
class Settings(ClassifierSettings):
    """Two hidden layers by default. Activations and initial weights may differ from layer to layer."""

    hidden: tuple[int, ...] = setting((200, 100), "units of each hidden layer, from the input on", low=1, empty=True)
    activation: tuple[str, ...] = setting(("relu",), "of all hidden layers, or one each", choices=CHOICES)
    init: tuple[str, ...] = setting(("default",), "weights of all layers, or one each", choices=tuple(INITS))
    dropout: float = setting(0.0, "probability of dropping a hidden unit in training", low=0, high=0.9)
    batch_norm: bool = setting(False, "normalize the pre-activations of the hidden layers")

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


def _each(names: tuple[str, ...], layers: int) -> tuple[str, ...]:
    return names * layers if len(names) == 1 else names
