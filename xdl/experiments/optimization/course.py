"""Plain gradient descent step by step: the loss of every step, its time, and how much its gradient is chance."""

from __future__ import annotations

from collections.abc import Collection
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
    marks:         numbers of steps, after each of which the loss on all training images was measured
    on_all:        these losses; infinite where one is no number
    seconds:       of training up to each mark
    test_accuracy: at the end
    """

    losses: list[float]
    marks: list[int]
    on_all: list[float]
    seconds: list[float]
    test_accuracy: float

    @property
    def loss(self) -> float:
        """On all training images, at the end."""
        return self.on_all[-1]


def descend(
    model: nn.Module, data: LabelledImages, size: int, rate: float, epochs: int, marks: Collection[int]
) -> Course:
    """Trains the model on batches of the size by gradient descent, in a new order in each pass.

    marks: after how many steps the loss on all images is measured; what these measurements take is no time of training
    """
    loss, optimizer = nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=rate)
    loader = DataLoader(data.train, size, shuffle=True)
    course = Course([], [], [], [], 0.0)
    training, resumed = 0.0, perf_counter()
    for _ in range(epochs):
        for x, y in loader:
            value = loss(model(x), y)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            course.losses.append(value.item())
            if (step := len(course.losses)) in marks:
                training += perf_counter() - resumed
                course.marks.append(step)
                course.seconds.append(training)
                course.on_all.append(measured(model, data.train)[0])
                resumed = perf_counter()
    course.test_accuracy = measured(model, data.test)[1]
    return course


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
    return nn.utils.parameters_to_vector([p.grad for p in model.parameters() if p.grad is not None])
