"""Many short trainings of the same kind, without files of their own: what the comparing experiments share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from time import perf_counter
from typing import Any

from xdl import nn, optim
from xdl.data import DataLoader, LabelledImages
from xdl.errors import NonFiniteError
from xdl.experiments.shared.images import EVALUATION_BATCH, part_of
from xdl.optim import Optimizer
from xdl.runs.run import Run
from xdl.train import Callback, Events, Record, Trainer, accuracy


@dataclass
class Tried:
    """One of the trainings. history: up to its end, or to where its loss was no longer finite (`diverged`).

    train_loss, test_loss, test_accuracy: of the trained model in evaluation mode, nan where it diverged
    """

    name: str
    history: list[Record]
    diverged: bool
    train_loss: float
    test_loss: float
    test_accuracy: float
    seconds: float
    steps: int


def try_out(
    run: Run,
    name: str,
    data: LabelledImages,
    build: Callable[[], nn.Module],
    make: Callable[..., Optimizer] = lambda p: optim.Adam(p, lr=0.001),
    *,
    epochs: int,
    batch_size: int,
    samples: int = 0,
    label_noise: float = 0.0,
    repeat: int = 0,
    validate: bool = True,
    callbacks: Callable[[Optimizer], Sequence[Callback]] = lambda _: (),
) -> Tried:
    """Trains from the run's seed and measures; says one line.

    samples, label_noise: see `part_of`; repeat: see `Run.reseed`
    validate: whether the validation images are measured after each epoch
    """
    run.reseed(repeat)
    data = part_of(data, samples, label_noise)
    model = build()
    optimizer = make(model.parameters())
    watching = [Events(run.events, name), *callbacks(optimizer)]
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy}, watching)
    train = DataLoader(data.train, batch_size, shuffle=True)
    started = perf_counter()
    try:
        trainer.fit(train, DataLoader(data.validation, EVALUATION_BATCH) if validate else None, epochs)
        seconds = perf_counter() - started
        fitted, tested = (trainer.evaluate(DataLoader(part, EVALUATION_BATCH)) for part in (data.train, data.test))
        diverged = False
        run.say(f"{name}: test accuracy {tested['accuracy']:.4f}, {seconds:.1f} s")
    except NonFiniteError:
        seconds, diverged = perf_counter() - started, True
        fitted = tested = {"loss": nan, "accuracy": nan}
        run.say(f"{name}: diverged")
    measures = fitted["loss"], tested["loss"], tested["accuracy"]
    return Tried(name, trainer.history, diverged, *measures, seconds, trainer.step)


def number(value: float) -> float | None:
    """The value for a table and for JSON, which has no nan: None stands for what a diverged training lacks."""
    return None if value != value else value


def table(run: Run, first: str, tried: Sequence[Tried]) -> list[dict[str, Any]]:
    """The table of the trainings; first: the heading of their names."""
    rows = [
        (one.name, one.steps, number(one.train_loss), number(one.test_accuracy), round(one.seconds, 2)) for one in tried
    ]
    return run.table((first, "steps", "train loss", "test accuracy", "seconds"), rows)
