"""Convolutions to measure, the same in xdl and in PyTorch: single layers, pooling, batch norm and training steps.

`convolution(library, name)` returns a function of one run: for a layer its forward and backward, for a net a step of
zero_grad, forward, cross entropy, backward and Adam, tape and allocation included. The library "torch channels_last"
is PyTorch with its weights and images in channels-last memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from networks import NETS

IMAGES = (64, 64, 32, 32)
LAYERS: dict[str, tuple[tuple[int, ...], Callable[[Any], Any]]] = {
    "3x3, 64 to 64, 64x32x32": (IMAGES, lambda nn: nn.Conv2d(64, 64, 3, padding=1, bias=False)),
    "3x3, 128 to 128, 64x16x16": ((64, 128, 16, 16), lambda nn: nn.Conv2d(128, 128, 3, padding=1, bias=False)),
    "3x3, 256 to 256, 64x8x8": ((64, 256, 8, 8), lambda nn: nn.Conv2d(256, 256, 3, padding=1, bias=False)),
    "3x3, 16 to 16, 64x32x32": ((64, 16, 32, 32), lambda nn: nn.Conv2d(16, 16, 3, padding=1, bias=False)),
    "1x1, 64 to 256, 32x32x32": ((32, 64, 32, 32), lambda nn: nn.Conv2d(64, 256, 1, bias=False)),
    "3x3 stride 2, 64 to 128, 32x32x32": ((32, 64, 32, 32), lambda nn: nn.Conv2d(64, 128, 3, 2, 1, bias=False)),
    "3x3, 3 to 64, 64x32x32": ((64, 3, 32, 32), lambda nn: nn.Conv2d(3, 64, 3, padding=1, bias=False)),
    "5x5, 1 to 32, 64x28x28": ((64, 1, 28, 28), lambda nn: nn.Conv2d(1, 32, 5, bias=False)),
    "5x5, 32 to 64, 32x14x14": ((32, 32, 14, 14), lambda nn: nn.Conv2d(32, 64, 5, padding=2, bias=False)),
    "11x11, 32 to 32, 16x32x32": ((16, 32, 32, 32), lambda nn: nn.Conv2d(32, 32, 11, padding=5, bias=False)),
    "3x3 depthwise, 64, 32x32x32": ((32, 64, 32, 32), lambda nn: nn.Conv2d(64, 64, 3, 1, 1, groups=64, bias=False)),
    "max pool 2x2": (IMAGES, lambda nn: nn.MaxPool2d(2)),
    "max pool 3x3 stride 2": (IMAGES, lambda nn: nn.MaxPool2d(3, 2, 1)),
    "average pool 2x2": (IMAGES, lambda nn: nn.AvgPool2d(2)),
    "batch norm, relu": (IMAGES, lambda nn: nn.Sequential(nn.BatchNorm2d(64), nn.ReLU())),
}
CONVOLUTIONS = (*NETS, *LAYERS)
FIRST = ("3x3, 3 to 64, 64x32x32", "5x5, 1 to 32, 64x28x28")  # first layers: images need no gradient


def convolution(library: str, name: str) -> Callable[[], None]:
    """One run of the named layer or net in "xdl", "torch" or "torch channels_last"."""
    framework: Any = __import__(library.split()[0])
    build, shape = NETS[name] if name in NETS else LAYERS[name][::-1]
    model = build(framework.nn)
    rng = np.random.default_rng(0)
    x = framework.tensor(rng.standard_normal(shape, dtype=np.float32))
    if library.endswith("channels_last"):
        model = model.to(memory_format=framework.channels_last)
        x = x.contiguous(memory_format=framework.channels_last)
    return _step(framework, model, x, rng) if name in NETS else _layer(framework, model, x, rng, name not in FIRST)


def _step(framework: Any, model: Any, x: Any, rng: np.random.Generator) -> Callable[[], None]:
    labels = framework.tensor(rng.integers(0, 10, x.shape[0]))
    loss_function = framework.nn.CrossEntropyLoss()
    optimizer = framework.optim.Adam(model.parameters())

    def run() -> None:
        optimizer.zero_grad()
        loss_function(model(x), labels).backward()
        optimizer.step()

    return run


def _layer(framework: Any, model: Any, x: Any, rng: np.random.Generator, needs: bool) -> Callable[[], None]:
    x.requires_grad = needs
    g = framework.tensor(rng.standard_normal(tuple(model(x).shape)).astype(np.float32))

    def run() -> None:
        x.grad = None
        model.zero_grad()
        model(x).backward(g)

    return run
