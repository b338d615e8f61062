"""`torchvision.models`: the networks of `xdl.models` under their functions' names, without the published weights."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

from xdl import models
from xdl.errors import BackendError
from xdl.models import VGG, AlexNet, BasicBlock, Bottleneck, GoogLeNet, GoogLeNetOutputs, Inception, ResNet
from xdl.nn import BatchNorm2d, Conv2d, MaxPool2d, Module, ReLU, Sequential


class Weights(Enum):
    """What `ResNet18_Weights` and its like offer: they can be named, and not loaded."""

    IMAGENET1K_V1 = "IMAGENET1K_V1"
    IMAGENET1K_V2 = "IMAGENET1K_V2"
    DEFAULT = "DEFAULT"


def _made(
    name: str,
    build: Callable[..., Module],
    weights: Any = None,
    progress: bool = True,
    *,
    pretrained: bool = False,
    **settings: Any,
) -> Module:
    """The network with weights drawn anew; settings as of `xdl.models`. Raises BackendError where weights are asked."""
    if weights or pretrained:
        hint = "Where torchvision is, write its state_dict by safetensors.torch.save_file, and load that file"
        found = f"{weights or pretrained}: they are published as pickles, which may run any code"
        raise BackendError(f"torchvision.models.{name}", "weights=None", found, hint)
    return build(**settings)


RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
VGGS = ("vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn")
alexnet, googlenet = partial(_made, "alexnet", AlexNet), partial(_made, "googlenet", GoogLeNet)
resnet18, resnet34, resnet50, resnet101, resnet152 = (partial(_made, name, getattr(models, name)) for name in RESNETS)
vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn = (
    partial(_made, name, getattr(models, name)) for name in VGGS
)


def make_layers(cfg: list[int | str], batch_norm: bool = False) -> Sequential:
    """A VGG's convolutions: a number is one of so many filters, with batch norm where that is asked, "M" a pooling."""
    layers: list[Module] = []
    channels = 3
    for entry in cfg:
        if isinstance(entry, str):
            layers.append(MaxPool2d(2))
            continue
        norm = [BatchNorm2d(entry)] if batch_norm else []
        layers += [Conv2d(channels, entry, 3, padding=1), *norm, ReLU(inplace=True)]
        channels = entry
    return Sequential(*layers)


AlexNet_Weights = GoogLeNet_Weights = Weights
ResNet18_Weights = ResNet34_Weights = ResNet50_Weights = ResNet101_Weights = ResNet152_Weights = Weights
VGG11_Weights = VGG13_Weights = VGG16_Weights = VGG19_Weights = Weights
VGG11_BN_Weights = VGG13_BN_Weights = VGG16_BN_Weights = VGG19_BN_Weights = Weights

__all__ = ["VGG", "AlexNet", "BasicBlock", "Bottleneck", "GoogLeNet", "GoogLeNetOutputs", "Inception", "ResNet"]
__all__ += ["AlexNet_Weights", "GoogLeNet_Weights", "alexnet", "googlenet"]
__all__ += ["ResNet18_Weights", "ResNet34_Weights", "ResNet50_Weights", "ResNet101_Weights", "ResNet152_Weights"]
__all__ += ["VGG11_BN_Weights", "VGG11_Weights", "VGG13_BN_Weights", "VGG13_Weights"]
__all__ += ["VGG16_BN_Weights", "VGG16_Weights", "VGG19_BN_Weights", "VGG19_Weights"]
__all__ += ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
__all__ += ["vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"]
__all__ += ["make_layers"]
