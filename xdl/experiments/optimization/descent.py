"""Plain gradient descent step by step: the loss of every step, its time, and how much its gradient is chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from time import perf_counter
from typing import Any

from xdl import nn, optim
from xdl.creation import tensor
from xdl.data import DataLoader, LabelledImages
from xdl.tensor import Tensor, no_grad

DRAWS = 100  # batches that a variance is measured over


@dataclass
class Course:
    """One training.

    losses:        of each step's batch, before the step
    seconds:       since the start, after each step
    early_loss:    on all training images after the first steps, as many as the largest batch size has in all
    loss:          on all training images at the end, infinite where it is no number
    test_accuracy: at the end
    """

    losses: list[float]
    seconds: list[float]
    early_loss: float
    loss: float
    test_accuracy: float


def descend(model: nn.Module, data: LabelledImages, size: int, rate: float, epochs: int, first_steps: int) -> Course:
    """Trains the model on batches of the size by gradient descent, in a new order in each pass."""
    loss, optimizer = nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=rate)
    loader = DataLoader(data.train, size, shuffle=True)
    losses: list[float] = []
    seconds: list[float] = []
    early, measuring = inf, 0.0
    started = perf_counter()
    for _ in range(epochs):
        for x, y in loader:
            value = loss(model(x), y)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            losses.append(value.item())
            seconds.append(perf_counter() - started - measuring)
            if len(losses) == first_steps:
                before = perf_counter()
                early, _ = measured(model, data.train)
                measuring += perf_counter() - before
    return Course(losses, seconds, early, measured(model, data.train)[0], measured(model, data.test)[1])


def measured(model: nn.Module, part: Any) -> tuple[float, float]:
    """Loss, infinite where it is no number, and accuracy on all images of a part."""
    images, labels = (tensor(array) for array in part.arrays)
    with no_grad():
        logits = model(images)
        value = nn.CrossEntropyLoss()(logits, labels).item()
    return value if isfinite(value) else inf, (logits.argmax(1) == labels).to("float32").mean().item()


def gradient_variance(model: nn.Module, data: LabelledImages, size: int) -> float:
    """The mean squared distance of the gradient of a batch of the size from the gradient of all training images.

    The batches are drawn without replacement; at most 100 of them.
    """
    exact = _gradient(model, *(tensor(array) for array in data.train.arrays))
    distances: list[float] = []
    while len(distances) < DRAWS:
        for x, y in DataLoader(data.train, size, shuffle=True, drop_last=True):
            distances.append((_gradient(model, x, y) - exact).square().sum().item())
            if len(distances) == DRAWS:
                break
    return sum(distances) / len(distances)


def _gradient(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """All parameters' gradients as one vector."""
    model.zero_grad()
    nn.CrossEntropyLoss()(model(x), y).backward()
    return nn.utils.parameters_to_vector([parameter.grad for parameter in model.parameters()])
