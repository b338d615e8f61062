"""Learning rates that change over the epochs: drawn, and tried out (徐彬 5.5, 6.8.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from xdl import nn, optim, plot
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.sweep import table, try_out
from xdl.models import MLP
from xdl.optim import lr_scheduler as rates
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Schedule

PRESETS = {"mnist": {"samples": 10000}}
QUICK: dict[str, Any] = {}

MakesSchedule = Callable[[optim.Optimizer, int], rates.LRScheduler]

# name -> makes the schedule of an optimizer for a number of epochs
SCHEDULES: dict[str, MakesSchedule] = {
    "constant": lambda o, epochs: rates.ConstantLR(o, factor=1.0, total_iters=epochs),
    "exponential": lambda o, epochs: rates.ExponentialLR(o, gamma=0.01 ** (1 / epochs)),
    "every n epochs": lambda o, epochs: rates.StepLR(o, step_size=max(1, epochs // 4), gamma=0.3),
    "by a table": lambda o, epochs: rates.MultiStepLR(o, [epochs // 2, epochs * 3 // 4], gamma=0.1),
    "cosine": lambda o, epochs: rates.CosineAnnealingLR(o, T_max=epochs),
    "warm restarts": lambda o, epochs: rates.CosineAnnealingWarmRestarts(o, T_0=max(1, epochs // 3)),
}


@dataclass(frozen=True)
class Settings:
    """A small network by gradient descent with momentum, at a rate that is high for the end of training."""

    epochs: int = setting(12, "passes over the images", low=1)
    batch_size: int = setting(32, "images in a step", low=1)
    lr: float = setting(0.2, "learning rate of the first epoch", above=0)
    samples: int = setting(0, "training images to use; 0: all", low=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """One training a schedule, from the same weights; figures of the rates and of the curves."""
    data = images_of(run)
    rates_used = {
        name: (range(1, settings.epochs + 1), rates_of(make, settings.lr, settings.epochs))
        for name, make in SCHEDULES.items()
    }
    run.figure("rates", plot.lines_data({"learning rate": rates_used}, "schedules", "epoch"))
    sizes = (data.train.arrays[0][0].size, 50, len(data.class_names))
    tried = [
        try_out(
            run,
            name,
            data,
            lambda: MLP(sizes),
            lambda p: optim.SGD(p, lr=settings.lr, momentum=0.9),
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            samples=settings.samples,
            callbacks=partial(_callbacks, make, settings.epochs),
        )
        for name, make in SCHEDULES.items()
    ]
    histories = {one.name: one.history for one in tried}
    run.figure("comparison", plot.comparison_data(histories, f"schedules on {data.name}"))
    listed = {name: list(values) for name, (_, values) in rates_used.items()}
    return {"data_description": data.description, "rates": listed, "schedules": table(run, "schedule", tried)}


def _callbacks(make: MakesSchedule, epochs: int, optimizer: optim.Optimizer) -> list[Schedule]:
    return [Schedule(make(optimizer, epochs))]


def rates_of(make: MakesSchedule, lr: float, epochs: int) -> list[float]:
    """The learning rate in each epoch, from the schedule alone."""
    optimizer = optim.SGD(nn.Linear(1, 1).parameters(), lr=lr)
    schedule = make(optimizer, epochs)
    found = []
    for _ in range(epochs):
        found.append(optimizer.param_groups[0]["lr"])
        schedule.step()
    return found
