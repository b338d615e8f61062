"""Convolutional nets to measure, written once for xdl.nn and torch.nn: NETS[name](nn) -> (model, shape of a batch)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

RESNET18 = [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]  # filters, stride


def lenet(nn: Any) -> Any:
    """LeNet-5 with ReLU and max pooling."""
    features = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU()]
    hidden = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*features, nn.MaxPool2d(2), nn.Flatten(), *hidden)


def book_cnn(nn: Any) -> Any:
    """Two 5x5 convolutions with 32 and 64 filters, each with pooling, and linear layers of 512 and 10."""
    first = [nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
    second = [nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*first, *second, nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 10))


def vgg_like(nn: Any) -> Any:
    """Three pairs of 3x3 convolutions with batch norm, 64, 128 and 256 filters, each with pooling."""
    layers: list[Any] = []
    channels = 3
    for filters in (64, 128, 256):
        for inputs in (channels, filters):
            layers += [nn.Conv2d(inputs, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters), nn.ReLU()]
        layers.append(nn.MaxPool2d(2))
        channels = filters
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4096, 10))


def resnet20(nn: Any) -> Any:
    """ResNet-20 for images of 32x32 (He et al. 2016, section 4.2), with 1x1 shortcuts."""
    stem = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    blocks = _blocks(nn, 16, [(16, 1)] * 3 + [(32, 2), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1)])
    return nn.Sequential(*stem, *blocks, nn.AvgPool2d(8), nn.Flatten(), nn.Linear(64, 10))


def resnet18(nn: Any) -> Any:
    """ResNet-18 (He et al. 2016, table 1) with ten classes, for images of 64x64."""
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    return nn.Sequential(*stem, *_blocks(nn, 64, RESNET18), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(512, 10))


def resnet18_cifar(nn: Any) -> Any:
    """ResNet-18 for images of 32x32: a 3x3 stem that keeps the size, and no pooling after it."""
    stem = [nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    return nn.Sequential(*stem, *_blocks(nn, 64, RESNET18), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(512, 10))


def _blocks(nn: Any, channels: int, sizes: list[tuple[int, int]]) -> list[Any]:
    """Residual blocks of two 3x3 convolutions, for (filters, stride)."""

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self, inputs: int, filters: int, stride: int) -> None:
            super().__init__()
            self.first = nn.Sequential(
                nn.Conv2d(inputs, filters, 3, stride, 1, bias=False), nn.BatchNorm2d(filters), nn.ReLU()
            )
            self.second = nn.Sequential(nn.Conv2d(filters, filters, 3, 1, 1, bias=False), nn.BatchNorm2d(filters))
            self.shortcut = nn.Identity()
            if stride > 1 or inputs != filters:
                self.shortcut = nn.Sequential(
                    nn.Conv2d(inputs, filters, 1, stride, bias=False), nn.BatchNorm2d(filters)
                )
            self.relu = nn.ReLU()

        def forward(self, x: Any) -> Any:
            return self.relu(self.second(self.first(x)) + self.shortcut(x))

    blocks = []
    for filters, stride in sizes:
        blocks.append(Block(channels, filters, stride))
        channels = filters
    return blocks


NETS: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "lenet 28x28, batch 64": (lenet, (64, 1, 28, 28)),
    "book-cnn 28x28, batch 32": (book_cnn, (32, 1, 28, 28)),
    "vgg-like 32x32, batch 64": (vgg_like, (64, 3, 32, 32)),
    "vgg-like 32x32, batch 32": (vgg_like, (32, 3, 32, 32)),
    "resnet-20 32x32, batch 64": (resnet20, (64, 3, 32, 32)),
    "resnet-18 64x64, batch 16": (resnet18, (16, 3, 64, 64)),
}
CARD_NETS: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {  # of bench/gpu_report.py
    "resnet-18 32x32, batch 128": (resnet18_cifar, (128, 3, 32, 32)),
    "resnet-20 32x32, batch 128": (resnet20, (128, 3, 32, 32)),
}
