"""Optimizers as objects that any loop takes: the same network on the spiral by four methods and more (hwdong 4.3.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl import optim, plot
from xdl.experiments.shared.points import accuracy_on, fit, spiral_points
from xdl.models import MLP
from xdl.runs.run import Run
from xdl.runs.settings import setting

METHODS: dict[str, Callable[..., optim.Optimizer]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.5),
    "SGD with momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.1),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.005),
    "Adam": lambda p: optim.Adam(p, lr=0.02),
}


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """Each method with a rate that suits it."""

    samples: int = setting(100, "points in each of the three arms", low=2)
    hidden: int = setting(100, "units of the hidden layer", low=1)
    steps: int = setting(500, "steps on all points", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains from the same weights by each method; one figure with all losses."""
    points, labels = spiral_points(run, settings.samples)
    curves: dict[str, tuple[Any, Any]] = {}
    rows = []
    for name, make in METHODS.items():
        run.reseed()
        model = MLP((2, settings.hidden, 3))
        losses = fit(model, points, labels, make, settings.steps)
        curves[name] = (range(1, len(losses) + 1), losses)
        rows.append((name, losses[-1], accuracy_on(model, points, labels)))
    run.figure("losses", plot.lines_data({"loss": curves}, "optimizers on the spiral", "step", log=True))
    return {"methods": run.table(("method", "loss", "accuracy"), rows)}
