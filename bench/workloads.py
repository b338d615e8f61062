"""Training steps to measure, the same in xdl and in PyTorch: `step(library, name)` returns a function of one step.

A step is zero_grad, forward, cross entropy, backward and Adam's update, with the tape and allocations included.
Both libraries get the same data; each starts from its own default weights.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
from networks import CARD_NETS, lenet

MLPS = {
    "mlp 784-256-128-10, batch 64": ([784, 256, 128, 10], 64),
    "mlp 784-256-128-10, batch 512": ([784, 256, 128, 10], 512),
    "mlp 32-32-32-10, batch 16": ([32, 32, 32, 10], 16),
}
NORMED = "layer-norm mlp 784-256-256-10, batch 128"
LENET = "lenet 28x28, batch 64"
RESNET18, RESNET20 = CARD_NETS
NAMES = (*MLPS, NORMED, LENET)
NETWORKS = {LENET: (lenet, (64, 1, 28, 28)), **CARD_NETS}


def step(library: str, name: str, prepare: Callable[[Any], Any] = lambda model: model) -> Callable[[], None]:
    """One training step of the named workload in "xdl" or "torch", on its default device.

    prepare: changes the model before training
    """
    framework: Any = __import__(library)
    rng = np.random.default_rng(0)
    model: Any
    shape: tuple[int, ...]
    if name in NETWORKS:
        build, shape = NETWORKS[name]
        model = build(framework.nn)
    elif name == NORMED:
        model, shape = normed_mlp(framework.nn), (128, 784)
    else:
        sizes, batch = MLPS[name]
        model, shape = mlp(framework.nn, sizes), (batch, sizes[0])
    x = framework.tensor(rng.standard_normal(shape, dtype=np.float32))
    labels = framework.tensor(rng.integers(0, 10, shape[0]))
    model = prepare(model)
    loss_function = framework.nn.CrossEntropyLoss()
    optimizer = framework.optim.Adam(model.parameters())

    def run() -> None:
        optimizer.zero_grad()
        loss_function(model(x), labels).backward()
        optimizer.step()

    return run


def normed_mlp(nn: ModuleType) -> Any:
    """Two hidden layers, each with layer norm, ReLU and dropout."""
    layers: list[Any] = []
    for inputs in (784, 256):
        layers += [nn.Linear(inputs, 256), nn.LayerNorm(256), nn.ReLU(), nn.Dropout(0.1)]
    return nn.Sequential(*layers, nn.Linear(256, 10))


def mlp(nn: ModuleType, sizes: list[int]) -> Any:
    """Linear layers with ReLU between them."""
    layers: list[Any] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
