"""Two sides of more parameters: over-fitting, and beyond it the second descent of the test loss (徐彬 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from statistics import fmean
from typing import Any

from xdl import optim, plot
from xdl.experiments.shared.claims import claim, counted
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.sweep import Tried, try_out
from xdl.models import MLP
from xdl.runs.run import Run
from xdl.runs.settings import setting

QUICK = {"widths": (4, 16, 256), "seeds": 2}


@dataclass(frozen=True)
class Settings:
    """Few training images, some with wrong labels, and so many passes that a wide network knows them by heart."""

    widths: tuple[int, ...] = setting(
        (1, 2, 4, 8, 16, 32, 64, 256), "units of the hidden layer, from few to many", low=1
    )
    epochs: int = setting(100, "passes over the images", low=1)
    batch_size: int = setting(64, "images in a step", low=1)
    lr: float = setting(0.02, "learning rate of Adam", above=0)
    samples: int = setting(300, "training images to use; 0: all", low=0)
    label_noise: float = setting(0.2, "share of the training labels that are wrong on purpose", low=0, high=0.9)
    seeds: int = setting(3, "trainings of each width, one a seed", low=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Training and test loss of the trained networks against the width, both in evaluation mode."""
    data = images_of(run)
    inputs, classes = prod(data.image_shape), len(data.class_names)
    tried = {
        width: [
            try_out(
                run,
                f"{width} hidden units, seed {run.about['seed'] + i}",
                data,
                partial(MLP, (inputs, width, classes)),
                partial(optim.Adam, lr=settings.lr),
                epochs=settings.epochs,
                batch_size=settings.batch_size,
                samples=settings.samples,
                label_noise=settings.label_noise,
                repeat=i,
                validate=False,
            )
            for i in range(settings.seeds)
        ]
        for width in settings.widths
    }
    headings = ("width", "parameters", "train loss", "test loss", "gap", "test accuracy")
    rows = []
    for width, seeds in tried.items():
        parameters = inputs * width + width + width * classes + classes
        train, test, accuracy = (fmean(values) for values in _measures(seeds))
        rows.append((width, parameters, train, test, test - train, accuracy))
    table = run.table(headings, rows)
    said = _what_to_see(run, tried)
    trained, tested, _ = zip(*[_measures(seeds) for seeds in tried.values()], strict=True)
    lines = {
        name: plot.Line.of_seeds(settings.widths, list(zip(*losses, strict=True)))
        for name, losses in (("training", trained), ("test", tested))
    }
    title = f"Loss against width on {data.name}, {settings.label_noise:.0%} wrong labels "
    title += f"({counted(settings.seeds, 'seed')})"
    run.figure("capacity", plot.lines_data({"loss": lines}, title, "hidden units", x_log=True), "\n".join(said))
    return {"data_description": data.description, "widths": table}


def _measures(seeds: Sequence[Tried]) -> tuple[list[float], list[float], list[float]]:
    return [s.train_loss for s in seeds], [s.test_loss for s in seeds], [s.test_accuracy for s in seeds]


def _what_to_see(run: Run, tried: dict[int, list[Tried]]) -> list[str]:
    """Over-fitting between the two widths with the largest rise of the test loss; what wider networks do after it."""
    widths = list(tried)
    train, test = (
        {w: fmean(getattr(s, f"{part}_loss") for s in tried[w]) for w in widths} for part in ("train", "test")
    )
    pairs = [(low, high) for i, low in enumerate(widths) for high in widths[i + 1 :]]
    if not pairs:
        return []
    low, high = max(pairs, key=lambda pair: test[pair[1]] - test[pair[0]])
    said = [
        claim(
            run,
            f"over-fitting: from {low} to {high} units training loss falls from {train[low]:.2g} to {train[high]:.2g}, "
            f"test loss goes from {test[low]:.2f} to {test[high]:.2f}",
            [
                less.test_loss < more.test_loss and less.train_loss > more.train_loss
                for less, more in zip(tried[low], tried[high], strict=True)
            ],
        )
    ]
    if wider := widths[widths.index(high) + 1 :]:
        best = min(wider, key=test.__getitem__)
        said.append(
            claim(
                run,
                f"double descent: beyond {high} units test loss falls again, to {test[best]:.2f} at {best} units",
                [more.test_loss < less.test_loss for less, more in zip(tried[high], tried[best], strict=True)],
            )
        )
    return said
