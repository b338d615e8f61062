"""Classifying points of the plane: what the experiments on the spiral share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xdl import nn, plot
from xdl.creation import tensor
from xdl.data import spiral
from xdl.optim import Optimizer
from xdl.runs.run import Run
from xdl.tensor import no_grad
from xdl.train import accuracy


def spiral_points(run: Run, samples: int) -> tuple[Any, Any]:
    """The three-armed spiral of the run's seed, `samples` points an arm."""
    run.say(f"data: a spiral of 3 arms, {samples} points each, made from seed {run.about['seed']}")
    return spiral(samples, seed=run.about["seed"])


def judged(run: Run, model: nn.Module, points: Any, labels: Any) -> tuple[float, float]:
    """Says the accuracy on the points of the training, and on as many new ones of the same spiral; returns both."""
    new, new_labels = spiral(len(points) // 3, seed=run.about["seed"] + 1)
    old, fresh = accuracy_on(model, points, labels), accuracy_on(model, new, new_labels)
    run.say(f"accuracy {old:.4f} on the {len(points)} points of the training, {fresh:.4f} on {len(new)} new ones")
    return old, fresh


def fit(model: nn.Module, points: Any, labels: Any, make: Callable[..., Optimizer], steps: int) -> list[float]:
    """Trains on all points at once, that many steps; returns the loss before each step.

    make: makes the optimizer from the parameters
    """
    x, y, loss = tensor(points), tensor(labels), nn.CrossEntropyLoss()
    optimizer = make(model.parameters())
    losses = []
    for _ in range(steps):
        value = loss(model(x), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.detach())
    return [value.item() for value in losses]


def accuracy_on(model: nn.Module, points: Any, labels: Any) -> float:
    """The share of points that the model classifies right."""
    with no_grad():
        return float(accuracy(model.eval()(tensor(points)), tensor(labels)).item())


def draw_regions(run: Run, models: Mapping[str, nn.Module], points: Any, labels: Any) -> None:
    """Writes figures/regions.png: the class of every point of the plane, one panel a model."""
    on = plot.grid(points)
    with no_grad():
        panels = {title: model.eval()(tensor(on)).argmax(1).numpy() for title, model in models.items()}
    run.figure("regions", plot.regions_data(panels, on, points, labels))
