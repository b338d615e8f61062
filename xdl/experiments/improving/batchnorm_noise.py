"""Whether batch norm regularizes, and by what: the noise of its batch statistics alone (徐彬 6.4.3).

Ioffe and Szegedy (2015, section 3.4) ascribe the effect to the other samples of the batch, drawn anew each epoch, on
which a sample's activations depend. Ghost batches (Hoffer, Hubara, Soudry 2017) change that noise and nothing else: the
steps, their batches and the rate stay, and mean and variance come from a few samples of the batch at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan, prod
from statistics import fmean
from typing import Any

from xdl import nn, optim, plot
from xdl.data import DataLoader, LabelledImages
from xdl.errors import SettingError, expect
from xdl.experiments.improving.ghost_norm import GhostBatchNorm
from xdl.experiments.shared.claims import claim, in_words
from xdl.experiments.shared.images import EVALUATION_BATCH, images_of, part_of
from xdl.experiments.shared.sweep import number
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Trainer, accuracy

PRESETS = {"mnist": {"samples": 1000}}
QUICK = {"seeds": 1, "ghosts": (5, 100), "epochs": 20}
HEADINGS = (
    "training",
    "train loss",
    "gap",
    "test accuracy",
    "accuracy from",
    "accuracy to",
    "validation loss compared",
)
WITHOUT = "without batch norm"


@dataclass(frozen=True)
class Settings:
    """Few images, many with a wrong label: learning them by heart does harm."""

    samples: int = setting(500, "training images to use; 0: all", low=0)
    label_noise: float = setting(0.3, "share of the training images that get a wrong label", low=0, high=0.9)
    epochs: int = setting(40, "passes over the training images", low=1)
    batch_size: int = setting(100, "images in a step", low=2)
    ghosts: tuple[int, ...] = setting((5, 10, 25, 100), "images whose mean and variance are taken together", low=2)
    lr: float = setting(0.001, "learning rate of Adam", above=0)
    hidden: tuple[int, ...] = setting((200, 100), "units of each hidden layer", low=1)
    level: float = setting(0.9, "training loss at which validation losses are compared", above=0)
    seeds: int = setting(5, "trainings of each kind, one a seed", low=1)

    def __post_init__(self) -> None:
        whole = all(self.batch_size % ghost == 0 for ghost in self.ghosts)
        expect(whole, SettingError, "--set ghosts", f"divisors of batch_size = {self.batch_size}", self.ghosts)


@dataclass
class Together:
    """Of each epoch the losses, and the validation accuracy, of the same weights: all in evaluation mode."""

    train: list[float]
    validation: list[float]
    accuracy: list[float]

    def at(self, level: float, values: Sequence[float]) -> float:
        """The value, one an epoch, where the training loss first falls to the level; nan where it never does.

        Between the epoch before and the one after it is interpolated.
        """
        after = next((i for i, loss in enumerate(self.train) if loss <= level), None)
        if not after:
            return nan if after is None else values[0]
        share = (self.train[after - 1] - level) / (self.train[after - 1] - self.train[after])
        return values[after - 1] + share * (values[after] - values[after - 1])


@dataclass(frozen=True)
class Found:
    """One training: both losses by epoch, and what the test images say at the end."""

    losses: Together
    test_accuracy: float

    def at(self, level: float) -> float:
        """The validation loss where the training loss is at the level; nan where it never is."""
        return self.losses.at(level, self.losses.validation)

    def accuracy_at(self, level: float) -> float:
        """The validation accuracy there."""
        return self.losses.at(level, self.losses.accuracy)

    @property
    def gap(self) -> float:
        """Validation loss less training loss, at the end."""
        return self.losses.validation[-1] - self.losses.train[-1]


def build(settings: Settings, ghost: int, inputs: int, classes: int) -> nn.Sequential:
    """Linear layers with ReLU, and before it batch norm over ghost samples at a time; none for 0."""
    modules: list[nn.Module] = [nn.Flatten()]
    for units in settings.hidden:
        norm = [GhostBatchNorm(units, ghost)] if ghost else []
        modules += [nn.Linear(inputs, units), *norm, nn.ReLU()]
        inputs = units
    return nn.Sequential(*modules, nn.Linear(inputs, classes))


def train(run: Run, data: LabelledImages, settings: Settings, ghost: int, repeat: int) -> Found:
    """Trains from the seed, with whole batches only."""
    run.reseed(repeat)
    data = part_of(data, settings.samples, settings.label_noise)
    model = build(settings, ghost, prod(data.image_shape), len(data.class_names))
    optimizer = optim.Adam(model.parameters(), settings.lr)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy})
    batches = DataLoader(data.train, settings.batch_size, shuffle=True, drop_last=True)
    parts = [DataLoader(part, EVALUATION_BATCH) for part in (data.train, data.validation, data.test)]
    learned = []
    for _ in range(settings.epochs):
        trainer.fit(batches, parts[1])
        learned.append(trainer.evaluate(parts[0])["loss"])
    validation = [[record[f"validation_{name}"] for record in trainer.history] for name in ("loss", "accuracy")]
    return Found(Together(learned, *validation), trainer.evaluate(parts[2])["accuracy"])


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains without batch norm and with ever larger ghost batches, and compares where training losses are equal."""
    data = images_of(run)
    names = {WITHOUT: 0} | {f"statistics of {ghost}": ghost for ghost in sorted(settings.ghosts)}
    found: dict[str, list[Found]] = {}
    for name, ghost in names.items():
        found[name] = [train(run, data, settings, ghost, repeat) for repeat in range(settings.seeds)]
        run.say(f"{name}: test accuracy {fmean(one.test_accuracy for one in found[name]):.4f}")
    table = run.table(HEADINGS, [_row(name, several, settings.level) for name, several in found.items()])
    smallest, largest = list(found)[1], list(found)[-1]
    few, many, none = found[smallest], found[largest], found[WITHOUT]
    there = f"where the training loss is {settings.level:g}"
    lower, level = f"{there}, the validation loss is lower with", settings.level
    seen = [
        claim(
            run,
            f"{lower} {smallest} than {largest}",
            [a.at(level) < b.at(level) for a, b in zip(few, many, strict=True)],
        ),
        claim(
            run,
            f"{lower} {largest} than {WITHOUT}",
            [a.at(level) < b.at(level) for a, b in zip(many, none, strict=True)],
        ),
        claim(
            run,
            f"{lower} {smallest} than {WITHOUT}",
            [a.at(level) < b.at(level) for a, b in zip(few, none, strict=True)],
        ),
        claim(
            run,
            f"{there}, the validation accuracy is higher with {smallest} than {largest}",
            [a.accuracy_at(level) > b.accuracy_at(level) for a, b in zip(few, many, strict=True)],
        ),
        claim(
            run,
            f"after {settings.epochs} epochs, the test accuracy is higher with {smallest} than {largest}",
            [a.test_accuracy > b.test_accuracy for a, b in zip(few, many, strict=True)],
        ),
    ]
    draw(run, found, data, settings, "\n".join(seen))
    return {"data_description": data.description, "trainings": table}


def _row(name: str, several: Sequence[Found], level: float) -> tuple[Any, ...]:
    accuracies = [one.test_accuracy for one in several]
    losses = (fmean(one.losses.train[-1] for one in several), fmean(one.gap for one in several))
    compared = fmean(one.at(level) for one in several)
    return name, *losses, fmean(accuracies), min(accuracies), max(accuracies), number(compared)


def draw(run: Run, found: Mapping[str, Sequence[Found]], data: LabelledImages, settings: Settings, seen: str) -> None:
    """Writes figures/sizes, measures by the samples that statistics are of, and figures/losses, the whole ways."""
    (_, without), *by_size = found.items()
    sizes = sorted(settings.ghosts)
    panels: dict[str, dict[str, plot.Line]] = {}
    measures: dict[str, Callable[[Found], float]] = {
        f"validation loss where the training loss is {settings.level:g}": lambda one: one.at(settings.level),
        "test accuracy at the end": lambda one: one.test_accuracy,
    }
    for title, measure in measures.items():
        values = zip(*[[measure(one) for one in several] for _, several in by_size], strict=True)
        flat = [[measure(one)] * len(sizes) for one in without]
        panels[title] = {
            "with batch norm": plot.Line.of_seeds(sizes, [*values]),
            WITHOUT: plot.Line.of_seeds(sizes, flat, "dashed"),
        }
    about = f"{run.about['experiment']} on {data.name}, {in_words(settings.seeds)}"
    run.figure("sizes", plot.lines_data(panels, about, "samples that mean and variance are of", x_log=True), seen)
    ways = {
        f"validation {measure}": {name: _way(several, field) for name, several in found.items()}
        for measure, field in (("loss", "validation"), ("accuracy", "accuracy"))
    }
    x = "training loss (training goes from right to left)"
    run.figure("losses", plot.lines_data(ways, about, x), "both losses in evaluation mode, epoch by epoch")


def _way(several: Sequence[Found], field: str) -> plot.Line:
    """A measure against the training loss, both the mean of the seeds."""
    line = plot.Line.of_seeds(range(len(several[0].losses.train)), [getattr(one.losses, field) for one in several])
    means = [fmean(losses) for losses in zip(*[one.losses.train for one in several], strict=True)]
    return replace(line, xs=means)
