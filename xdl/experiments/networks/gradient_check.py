"""Numerical checks of gradients: of single layers, and of a whole network with its loss (hwdong 4.3.3, 4.3.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl import nn
from xdl.models import MLP, BookCNN, LeNet5
from xdl.random import randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tape import grad
from xdl.tensor import Tensor, no_grad

CASES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {  # name -> the module, the shape of its input
    "Linear": (lambda: nn.Linear(6, 4), (5, 6)),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 3, padding=1), (2, 2, 5, 5)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(4), (6, 4)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), (2, 3, 4, 4)),
    "MLP with batch norm": (lambda: MLP((6, 8, 7, 4), nn.Tanh, batch_norm=True), (5, 6)),
    "LeNet-5": (LeNet5, (2, 1, 28, 28)),
    "book-cnn with batch norm": (lambda: BookCNN(10, (1, 8, 8), batch_norm=True), (3, 1, 8, 8)),
}


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """How the derivative is measured."""

    eps: float = setting(1e-6, "half the distance between the two points", above=0)
    directions: int = setting(5, "random directions to look along, in every network", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """One line a layer or network: the largest error over all directions."""
    rows = []
    for name, (make, shape) in CASES.items():
        model = make().to("float64")
        x = randn(*shape, dtype="float64")
        with no_grad():
            u = randn(*model(x).shape, dtype="float64")
        errors = [error(model, x, u, settings.eps) for _ in range(settings.directions)]
        parameters = sum(p.numpy().size for p in model.parameters())
        rows.append((name, parameters, max(errors)))
    table = run.table(("network", "parameters", "largest error"), rows)
    return {"checks": table, "largest_error": max(row[2] for row in rows)}


def error(model: nn.Module, x: Tensor, u: Tensor, eps: float) -> float:
    """How far d(u . model(x)) / dt, along one random direction v of all parameters, is from the gradient . v.

    (L(p + eps v) - L(p - eps v)) / (2 eps) against grad L . v, relative to the larger of 1 and |grad L . v|, float64
    """
    parameters = list(model.parameters())
    directions = [randn(*p.shape, dtype="float64") for p in parameters]
    gradients = grad((u * model(x)).sum(), parameters)
    slope = sum((g * v).sum().item() for g, v in zip(gradients, directions, strict=True) if g is not None)
    values = []
    with no_grad():
        for step in (eps, -2 * eps, eps):  # there, to the other side, and back
            for p, v in zip(parameters, directions, strict=True):
                p[...] = p + step * v
            values.append((u * model(x)).sum().item())
    return float(abs((values[0] - values[1]) / (2 * eps) - slope) / max(1.0, abs(slope)))
