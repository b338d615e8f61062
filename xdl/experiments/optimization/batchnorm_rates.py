"""Learning rates with and without batch norm: it trains at rates where the plain network fails (徐彬 6.8.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from xdl import optim, plot
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.sweep import number, try_out
from xdl.models import MLP
from xdl.optim.lr_scheduler import ExponentialLR
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Schedule

PRESETS = {"mnist": {"epochs": 2, "batch_size": 128, "samples": 10000}}
QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """A network of three hidden layers, by plain gradient descent, whose rate falls to 0.8 after every epoch."""

    rates: tuple[float, ...] = setting((0.01, 0.1, 1.0, 3.0), "learning rates to try", above=0)
    epochs: int = setting(6, "passes over the images", low=1)
    batch_size: int = setting(32, "images in a step", low=1)
    decay: float = setting(0.8, "factor on the rate after each epoch", above=0, high=1)
    samples: int = setting(0, "training images to use; 0: all", low=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Two trainings a rate; a table of test accuracies, and one figure of accuracy against rate."""
    data = images_of(run)
    sizes = (prod(data.image_shape), 100, 100, 100, len(data.class_names))
    rows = []
    for lr in settings.rates:
        found = []
        for norm in (False, True):
            one = try_out(
                run,
                f"rate {lr:g} {'with' if norm else 'without'} batch norm",
                data,
                partial(MLP, sizes, batch_norm=norm),
                partial(optim.SGD, lr=lr),
                epochs=settings.epochs,
                batch_size=settings.batch_size,
                samples=settings.samples,
                callbacks=lambda optimizer: [Schedule(ExponentialLR(optimizer, settings.decay))],
            )
            found.append(number(one.test_accuracy))
        rows.append((lr, *found))
    headings = ("learning rate", "without batch norm", "with batch norm")
    lines: dict[str, tuple[Any, Any]] = {
        name: ([row[0] for row in rows], [float("nan") if row[i] is None else row[i] for row in rows])
        for i, name in enumerate(headings[1:], 1)
    }
    run.figure("rates", plot.lines_data({"test accuracy": lines}, "batch norm", "learning rate", x_log=True))
    return {"data_description": data.description, "rates": run.table(headings, rows)}
