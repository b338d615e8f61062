"""Validation curves: one hyper-parameter over decades, from under-fitting to over-fitting (hwdong 3.3.1; 徐彬 3.4.1).

A network with one hidden layer learns few images, a part of which has wrong labels. Its width, and then the strength of
its weight decay, goes from too little freedom to too much. The value with the smallest validation loss is chosen, and
the chosen network is measured on the test images, which had no part in the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from xdl import nn, optim, plot
from xdl.data import DataLoader, LabelledImages
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.images import EVALUATION_BATCH, images_of, part_of
from xdl.models import MLP
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.runs.statistics import band
from xdl.train import Trainer, accuracy

PRESETS = {"mnist": {"epochs": 30, "samples": 500}, "fashion-mnist": {"epochs": 30, "samples": 500}}
QUICK = {"widths": (2, 16, 256), "decays": (0.01, 1.0, 30.0), "epochs": 20, "seeds": 2}
PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class Settings:
    """Few training images, many with a wrong label: freedom is used to learn those by heart."""

    widths: tuple[int, ...] = setting((1, 2, 4, 8, 16, 32, 64, 128, 256), "units of the hidden layer", low=1)
    decays: tuple[float, ...] = setting((0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0), "weight decays of AdamW", above=0)
    width: int = setting(128, "units of the hidden layer where the weight decay changes", low=1)
    epochs: int = setting(40, "passes over the training images", low=1)
    samples: int = setting(300, "training images", low=10)
    label_noise: float = setting(0.3, "share of the training images that get a wrong label", low=0, high=0.9)
    lr: float = setting(0.003, "learning rate of AdamW", above=0)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


class Measured(NamedTuple):
    """Losses of the three PARTS, in evaluation mode, and the accuracies of the last two."""

    losses: tuple[float, float, float]
    accuracies: tuple[float, float]


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """For both hyper-parameters a table, a figure, and what under-fits and what over-fits."""
    data = images_of(run)
    results: dict[str, Any] = {"data_description": data.description}
    curves: dict[str, tuple[Sequence[float], str]] = {
        "width": (settings.widths, f"{settings.epochs} epochs"),
        "weight decay": (settings.decays, f"{settings.width} units, {settings.epochs} epochs"),
    }
    for name, (values, rest) in curves.items():
        found = [
            [_trained(run, settings, data, name, value, seed) for seed in range(settings.seeds)]
            for value in sorted(values)
        ]
        see = _what_to_see(run, name, sorted(values), found)
        noise = f"{settings.samples} images, {settings.label_noise:.0%} wrong labels"
        title = f"{name} of one hidden layer: {noise}, {rest}"
        run.figure(name.replace(" ", "-"), _curve(name, sorted(values), found, title), see)
        results[name.replace(" ", "_")] = _table(run, name, sorted(values), found)
    return results


def _trained(run: Run, settings: Settings, data: LabelledImages, name: str, value: float, repeat: int) -> Measured:
    run.reseed(repeat)
    data = part_of(data, settings.samples, settings.label_noise)
    width, decay = (int(value), 0.0) if name == "width" else (settings.width, value)
    model = MLP((prod(data.image_shape), width, len(data.class_names)))
    optimizer = optim.AdamW(model.parameters(), lr=settings.lr, weight_decay=decay)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy})
    trainer.fit(DataLoader(data.train, 32, shuffle=True), epochs=settings.epochs)
    parts = (data.train, data.validation, data.test)
    train, validation, test = (trainer.evaluate(DataLoader(part, EVALUATION_BATCH)) for part in parts)
    return Measured((train["loss"], validation["loss"], test["loss"]), (validation["accuracy"], test["accuracy"]))


def _means(found: list[list[Measured]], part: int) -> list[float]:
    """The mean loss of a part for each value."""
    return [band([one.losses[part] for one in several]).mean for several in found]


def _what_to_see(run: Run, name: str, values: list[float], found: list[list[Measured]]) -> str:
    train, validation = _means(found, 0), _means(found, 1)
    best = validation.index(min(validation))
    for end, word in ((0, "smallest"), (-1, "largest")):
        if end % len(values) != best:
            worse = [at_end.losses[1] > at_best.losses[1] for at_end, at_best in _pairs(found, end, best)]
            kind = "under-fits" if train[end] > train[best] else "over-fits"
            claim(
                run, f"the {word} {name}, {values[end]:g}, {kind}: its validation loss is larger than the best", worse
            )
    kinds = {
        kind: [f"{v:g}" for v, t in zip(values, train, strict=True) if v != values[best] and (t > train[best]) == under]
        for kind, under in (("under-fitting", True), ("over-fitting", False))
    }
    named = "; ".join(
        f"{kind} ({'larger' if kind == 'under-fitting' else 'smaller'} training loss): {', '.join(which)}"
        for kind, which in kinds.items()
        if which
    )
    chosen = [min(range(len(values)), key=lambda i: found[i][seed].losses[1]) for seed in range(len(found[0]))]
    lead = band([found[i][seed].losses[2] - found[i][seed].losses[1] for seed, i in enumerate(chosen)]).mean
    return run.see(
        f"the validation loss is smallest, {validation[best]:.2f}, at {name} {values[best]:g}, with a test accuracy of "
        f"{band([one.accuracies[1] for one in found[best]]).mean:.3f}; {named}; "
        f"the test loss of the values chosen is {lead:+.3f} from their validation loss"
    )


def _pairs(found: list[list[Measured]], one: int, other: int) -> list[tuple[Measured, Measured]]:
    return list(zip(found[one], found[other], strict=True))


def _curve(name: str, values: list[float], found: list[list[Measured]], title: str) -> plot.FigureData:
    seeds = range(len(found[0]))
    losses = {
        part: Line.of_seeds(values, [[several[seed].losses[i] for several in found] for seed in seeds])
        for i, part in enumerate(PARTS)
    }
    accuracies = {
        part: Line.of_seeds(values, [[several[seed].accuracies[i] for several in found] for seed in seeds])
        for i, part in enumerate(PARTS[1:])
    }
    return plot.lines_data({"loss": losses, "accuracy": accuracies}, title, name, x_log=True)


def _table(run: Run, name: str, values: list[float], found: list[list[Measured]]) -> list[dict[str, Any]]:
    losses = [_means(found, part) for part in range(3)]
    rows = [
        (
            value,
            *(round(losses[part][i], 4) for part in range(3)),
            round(losses[1][i] - losses[0][i], 4),
            round(band([one.accuracies[1] for one in found[i]]).mean, 4),
        )
        for i, value in enumerate(values)
    ]
    return run.table((name, *(f"{part} loss" for part in PARTS), "gap", "test accuracy"), rows)
