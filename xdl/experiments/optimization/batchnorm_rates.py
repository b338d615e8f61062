"""Learning rates with and without batch norm: it trains at rates where the plain network fails (徐彬 6.8.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import isnan, nan, prod
from statistics import fmean
from typing import Any

from xdl import optim, plot
from xdl.experiments.shared.claims import claim
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.sweep import number, try_out
from xdl.models import MLP
from xdl.optim.lr_scheduler import ExponentialLR
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.train import Schedule

PRESETS = {"mnist": {"epochs": 2, "batch_size": 128, "samples": 10000}}
QUICK = {"rates": (0.01, 0.3, 3.0), "epochs": 3, "samples": 600, "seeds": 2}
KINDS = {"without batch norm": False, "with batch norm": True}
GOOD = 0.8  # test accuracy from which on a rate is called good


@dataclass(frozen=True)
class Settings:
    """A network of three hidden layers, by plain gradient descent, whose rate falls to 0.8 after every epoch."""

    rates: tuple[float, ...] = setting((0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0), "learning rates to try", above=0)
    epochs: int = setting(6, "passes over the images", low=1)
    batch_size: int = setting(32, "images in a step", low=1)
    decay: float = setting(0.8, "factor on the rate after each epoch", above=0, high=1)
    samples: int = setting(0, "training images to use; 0: all", low=0)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trainings of both networks at each rate; a table of test accuracies, and one figure of accuracy against rate."""
    data = images_of(run)
    sizes = (prod(data.image_shape), 100, 100, 100, len(data.class_names))
    found: dict[str, list[list[float]]] = {}
    for kind, norm in KINDS.items():
        found[kind] = [
            [
                try_out(
                    run,
                    f"rate {lr:g} {kind}, seed {run.about['seed'] + i}",
                    data,
                    partial(MLP, sizes, batch_norm=norm),
                    partial(optim.SGD, lr=lr),
                    epochs=settings.epochs,
                    batch_size=settings.batch_size,
                    samples=settings.samples,
                    repeat=i,
                    validate=False,
                    callbacks=lambda optimizer: [Schedule(ExponentialLR(optimizer, settings.decay))],
                ).test_accuracy
                for i in range(settings.seeds)
            ]
            for lr in settings.rates
        ]
    means = {kind: [fmean(values) for values in rows] for kind, rows in found.items()}
    rows = [
        (lr, *(number(mean) for mean in at_rate)) for lr, *at_rate in zip(settings.rates, *means.values(), strict=True)
    ]
    table = run.table(("learning rate", *KINDS), rows)
    said = _what_to_see(run, settings, found)
    lines: dict[str, plot.Line] = {}
    for kind, several in found.items():
        lines[kind] = plot.Line.of_seeds(settings.rates, list(zip(*several, strict=True)))
        if diverged := [lr for lr, mean in zip(settings.rates, means[kind], strict=True) if isnan(mean)]:
            lines[f"{kind}: diverged"] = plot.Line(diverged, [nan] * len(diverged), look="diverged")
    title = f"Test accuracy on {data.name} against learning rate (mean and range of the seeds)"
    figure = plot.lines_data({"MLP of three hidden layers, SGD": lines}, title, "learning rate", x_log=True)
    run.figure("rates", figure, "\n".join(said))
    diverged_rates = sum(isnan(mean) for of_kind in means.values() for mean in of_kind)
    return {"data_description": data.description, "rates": table, "diverged": diverged_rates}


def _what_to_see(run: Run, settings: Settings, found: dict[str, list[list[float]]]) -> list[str]:
    """At how many rates each network trains well, and which is better at its best rate."""
    good = {
        kind: [sum(values[i] >= GOOD for values in several) for i in range(settings.seeds)]
        for kind, several in found.items()
    }
    plain, normed = good.values()
    tops = {
        kind: max((fmean(v) for v in several if not isnan(fmean(v))), default=nan) for kind, several in found.items()
    }
    best = {
        kind: next((v for v in found[kind] if fmean(v) == top), [nan] * settings.seeds) for kind, top in tops.items()
    }
    return [
        claim(
            run,
            f"with batch norm more rates are good, accuracy {GOOD:g} or more: {fmean(normed):.3g} of "
            f"{len(settings.rates)} against {fmean(plain):.3g}",
            [more > less for more, less in zip(normed, plain, strict=True)],
        ),
        claim(
            run,
            "each at its best rate, the network with batch norm reaches more "
            f"({_shown(tops['with batch norm'])} against {_shown(tops['without batch norm'])})",
            [a > b for a, b in zip(best["with batch norm"], best["without batch norm"], strict=True)],
        ),
    ]


def _shown(accuracy: float) -> str:
    return "diverged at every rate" if isnan(accuracy) else f"{accuracy:.3f}"
