"""Learning rates that change over the epochs: drawn, and tried out (徐彬 5.5, 6.8.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan, nan
from statistics import fmean
from typing import Any

from xdl import nn, optim, plot
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.sweep import Tried, number, try_out
from xdl.models import MLP
from xdl.optim import lr_scheduler as rates
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Schedule

PRESETS = {"mnist": {"samples": 10000}}
QUICK = {"epochs": 6, "samples": 600, "seeds": 2}

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

    epochs: int = setting(12, "passes over the images; in the first one all schedules are the same", low=2)
    batch_size: int = setting(32, "images in a step", low=1)
    lr: float = setting(0.2, "learning rate of the first epoch", above=0)
    samples: int = setting(0, "training images to use; 0: all", low=0)
    seeds: int = setting(3, "trainings by each schedule, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trainings by each schedule from the same weights; figures of the rates, and of each beside a constant rate."""
    data = images_of(run)
    rates_used = {name: rates_of(make, settings.lr, settings.epochs) for name, make in SCHEDULES.items()}
    epochs = range(1, settings.epochs + 1)
    steps = {name: {"rate": plot.Line(epochs, used, look="steps")} for name, used in rates_used.items()}
    run.figure("rates", plot.lines_data(steps, "Learning rate of each epoch, by schedule", "epoch", share=True))
    sizes = (data.train.arrays[0][0].size, 50, len(data.class_names))
    tried = {
        name: [
            try_out(
                run,
                f"{name}, seed {run.about['seed'] + i}",
                data,
                lambda: MLP(sizes),
                lambda p: optim.SGD(p, lr=settings.lr, momentum=0.9),
                epochs=settings.epochs,
                batch_size=settings.batch_size,
                samples=settings.samples,
                repeat=i,
                callbacks=partial(_callbacks, make, settings.epochs),
            )
            for i in range(settings.seeds)
        ]
        for name, make in SCHEDULES.items()
    }
    rows = [
        (name, several[0].steps, *(number(_mean(several, measure)) for measure in ("train_loss", "test_accuracy")))
        for name, several in tried.items()
    ]
    table = run.table(("schedule", "steps", "train loss", "test accuracy"), rows)
    _draw(run, data.name, settings.epochs, tried)
    return {"data_description": data.description, "rates": rates_used, "schedules": table}


def _mean(several: Sequence[Tried], measure: str) -> float:
    return fmean(getattr(one, measure) for one in several)


def _draw(run: Run, data: str, epochs: int, tried: dict[str, list[Tried]]) -> None:
    """The training loss by each schedule beside that at a constant rate, and by how many seeds each does better."""
    others = {name: several for name, several in tried.items() if name != "constant"}
    constant = tried["constant"]
    best = min(others, key=lambda name: (isnan(loss := _mean(others[name], "train_loss")), loss))
    said = []
    for measure, sign, what in (("train_loss", -1, "training loss"), ("test_accuracy", 1, "test accuracy")):
        mine, theirs = _mean(others[best], measure), _mean(constant, measure)
        sentence = f"{best} ends with a better {what} than a constant rate ({mine:.3g} against {theirs:.3g})"
        pairs = zip(others[best], constant, strict=True)
        said.append(claim(run, sentence, [sign * getattr(a, measure) > sign * getattr(b, measure) for a, b in pairs]))
    lines = {
        name: plot.Line.of_seeds(range(1, epochs + 1), [_losses(one, epochs) for one in several])
        for name, several in tried.items()
    }
    panels = {name: {"constant": lines["constant"], name: lines[name]} for name in others}
    title = f"Training loss on {data} by schedule, beside a constant rate (mean and range of the seeds)"
    run.figure("comparison", plot.lines_data(panels, title, "epoch", log=True, share=True), "\n".join(said))


def _losses(one: Tried, epochs: int) -> list[float]:
    found = [record["train_loss"] for record in one.history]
    return found + [nan] * (epochs - len(found))


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
