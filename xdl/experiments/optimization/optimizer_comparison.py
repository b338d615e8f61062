"""Seven methods on a small CNN, each over a grid of rates: with which rate which one is best (徐彬 5.6.7).

A method's rate is chosen by the loss on validation images; what is compared then is measured on test images. At one
rate for all, the ranking says more about the rate than about the methods.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf, nan
from statistics import fmean
from typing import Any

from xdl import nn, plot
from xdl.data import LabelledImages
from xdl.experiments.shared.claims import claim, counted, in_words
from xdl.experiments.shared.images import images_of
from xdl.experiments.shared.methods import METHODS
from xdl.experiments.shared.sweep import Tried, number, try_out
from xdl.plot import Line
from xdl.runs.run import Run
from xdl.runs.settings import setting

PRESETS = {"mnist": {"samples": 2000, "epochs": 2}}
QUICK: dict[str, Any] = {"rates": (0.001, 0.03, 1.0), "samples": 400, "epochs": 2, "seeds": 2}
CLOSE = 0.01  # of test accuracy: methods that are so near are not told apart

Grid = dict[str, list[list[Tried]]]  # by method, rate and seed


@dataclass(frozen=True)
class Settings:
    """Two convolutions 3x3, each with ReLU and pooling, and a linear layer; every method is tried at every rate."""

    rates: tuple[float, ...] = setting(
        (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0), "learning rates to try, from small to large", above=0
    )
    epochs: int = setting(5, "passes over the images", low=1)
    batch_size: int = setting(50, "images in a step", low=1)
    channels: int = setting(8, "maps of the first convolution; the second has twice as many", low=1)
    samples: int = setting(0, "training images to use; 0: all", low=0)
    seeds: int = setting(3, "trainings of each kind, one a seed", low=1)


def network(channels: int, shape: Sequence[int], classes: int) -> nn.Module:
    """The CNN for images of a shape (C, H, W)."""
    maps, height, width = shape
    return nn.Sequential(
        nn.Conv2d(maps, channels, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(channels, 2 * channels, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2 * channels * (height // 4) * (width // 4), classes),
    )


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Every method at every rate; heat maps, each method at its best rate, and all of them at one rate."""
    data = images_of(run)
    grid: Grid = {name: [_train(settings, run, data, name, rate) for rate in settings.rates] for name in METHODS}
    best = {name: min(range(len(row)), key=lambda i: validated(row[i])) for name, row in grid.items()}
    order = sorted(METHODS, key=lambda name: -accuracy_of(grid[name][best[name]]))
    rows = []
    for name in order:
        several = grid[name][best[name]]
        accuracies = [one.test_accuracy for one in several]
        ends = [number(value) for value in (fmean(accuracies), min(accuracies), max(accuracies))]
        rows.append((name, settings.rates[best[name]], number(fmean(one.test_loss for one in several)), *ends))
    headings = ("method", "best rate", "test loss", "test accuracy", "least", "largest")
    table = run.table(headings, rows)
    _draw_grid(settings, run, data.name, grid, best)
    _draw_best(settings, run, data.name, {name: grid[name][best[name]] for name in order}, best)
    ranks = _draw_by_rate(settings, run, data.name, grid)
    _draw_extremes(settings, run, data.name, grid)
    accuracies_of = {name: [number(accuracy_of(several)) for several in row] for name, row in grid.items()}
    return {"data_description": data.description, "methods": table, "accuracies": accuracies_of, "adam": ranks}


def _train(settings: Settings, run: Run, data: LabelledImages, name: str, rate: float) -> list[Tried]:
    return [
        try_out(
            run,
            f"{name}, rate {rate:g}, seed {run.about['seed'] + repeat}",
            data,
            partial(network, settings.channels, data.image_shape, len(data.class_names)),
            partial(METHODS[name], lr=rate),
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            samples=settings.samples,
            repeat=repeat,
        )
        for repeat in range(settings.seeds)
    ]


def validated(several: Sequence[Tried]) -> float:
    """The mean loss on validation images after the last epoch, infinite where a training diverged."""
    if any(one.diverged for one in several):
        return inf
    return fmean(one.history[-1]["validation_loss"] for one in several)


def accuracy_of(several: Sequence[Tried]) -> float:
    """The mean accuracy on test images; what diverged has none right."""
    return fmean(0.0 if one.diverged else one.test_accuracy for one in several)


def curve(several: Sequence[Tried], measure: str, epochs: int) -> Line:
    """A measure by epoch, mean and range of the seeds; a gap from where one diverged."""
    known = [[record[measure] for record in one.history] for one in several]
    return Line.of_seeds(range(1, epochs + 1), [values + [nan] * (epochs - len(values)) for values in known])


def _draw_grid(settings: Settings, run: Run, data: str, grid: Grid, best: dict[str, int]) -> None:
    """Two heat maps, and how wide the range of good rates of each method is."""
    good = {name: sum(accuracy_of(several) >= 0.9 for several in row) for name, row in grid.items()}
    told = ", ".join(f"{name} {count}" for name, count in sorted(good.items(), key=lambda item: -item[1]))
    see = run.see(f"of {len(settings.rates)} rates so many reach a test accuracy of 0.9: {told}")
    measures: dict[str, Callable[[Tried], float]] = {
        "accuracy": lambda one: one.test_accuracy,
        "loss": lambda one: one.test_loss,
    }
    for measure, of in measures.items():
        figure = plot.heat_data(
            [[fmean(map(of, several)) for several in row] for row in grid.values()],
            list(grid),
            [f"{rate:g}" for rate in settings.rates],
            f"Test {measure} of a small CNN on {data} (frame: the validated rate; cross: diverged)",
            y="method",
            x="learning rate",
            value=f"mean of {counted(settings.seeds, 'seed')}",
            log=measure == "loss",
            framed=[[i == best[name] for i in range(len(settings.rates))] for name in grid],
        )
        run.figure(f"grid-{measure}", figure, see)


def _draw_best(settings: Settings, run: Run, data: str, found: dict[str, list[Tried]], best: dict[str, int]) -> None:
    """Loss and accuracy by epoch of each method at its best rate."""
    names = list(found)
    first, last = names[0], names[-1]
    ahead = accuracy_of(found[first]) - accuracy_of(found[last])
    near = [name for name in names if accuracy_of(found[first]) - accuracy_of(found[name]) <= CLOSE]
    run.see(
        f"each at its best rate, {len(near)} of {len(names)} methods {'is' if len(near) == 1 else 'are'} within "
        f"{CLOSE:g} of the best test accuracy"
    )
    ends = [name for name in names if best[name] in (0, len(settings.rates) - 1)]
    if ends and len(settings.rates) > 1:
        run.see(f"the best rate may lie outside those tried for {', '.join(ends)}")
    sentence = f"each at its best rate, {first} has more test images right than {last}, by {ahead:.3f}"
    pairs = zip(found[first], found[last], strict=True)
    see = claim(run, sentence, [one.test_accuracy > other.test_accuracy for one, other in pairs])
    labels = {name: f"{name}, rate {settings.rates[best[name]]:g}" for name in found}
    colours = {name: number for number, name in enumerate(METHODS)}  # those of the other figures
    for measure in ("loss", "accuracy"):
        panels = {
            f"{part} {measure}": {
                labels[name]: replace(curve(several, f"{part}_{measure}", settings.epochs), colour=colours[name])
                for name, several in found.items()
            }
            for part in ("train", "validation")
        }
        title = f"A small CNN on {data}, each method at its best rate ({in_words(settings.seeds)})"
        log = measure == "loss"
        run.figure(f"best-{measure}", plot.lines_data(panels, title, "epoch", log=log, one_legend=True), see)


def _draw_by_rate(settings: Settings, run: Run, data: str, grid: Grid) -> dict[str, list[float]]:
    """Test accuracy against the rate, and at which rates Adam is the first, and the last."""
    lines = {}
    for name, row in grid.items():
        by_seed = [[0.0 if one.diverged else one.test_accuracy for one in several] for several in row]
        lines[name] = Line.of_seeds(settings.rates, list(zip(*by_seed, strict=True)))
    ranks: dict[str, list[float]] = {"first": [], "last": []}
    for i, rate in enumerate(settings.rates):
        means = {name: accuracy_of(row[i]) for name, row in grid.items()}
        others = [value for name, value in means.items() if name != "Adam"]
        if means["Adam"] > max(others):
            ranks["first"].append(rate)
        if means["Adam"] < min(others):
            ranks["last"].append(rate)
    told = {place: ", ".join(f"{rate:g}" for rate in at) or "none" for place, at in ranks.items()}
    see = run.see(f"with one rate for all, Adam is first at {told['first']}, and the worst of all at {told['last']}")
    title = f"Test accuracy on {data} by learning rate"
    panel = f"{in_words(settings.seeds)}; what diverged has 0"
    run.figure("by-rate", plot.lines_data({panel: lines}, title, "learning rate", x_log=True), see)
    return ranks


def _draw_extremes(settings: Settings, run: Run, data: str, grid: Grid) -> None:
    """Training loss of all methods at the smallest rate and at the largest."""
    panels, said = {}, []
    for what, i in (("too small", 0), ("too large", len(settings.rates) - 1)):
        rate = settings.rates[i]
        lines = {}
        for name, row in grid.items():
            line = curve(row[i], "train_loss", settings.epochs)
            epochs = range(1, settings.epochs + 1)
            lost = any(one.diverged for one in row[i])
            lines[name] = Line(epochs, [nan] * settings.epochs, look="diverged") if lost else line
        panels[f"{what} for some: {rate:g}"] = lines
        means = {name: accuracy_of(row[i]) for name, row in grid.items()}
        order = sorted(means, key=lambda name: -means[name])
        said.append(
            run.see(
                f"at rate {rate:g} {order[0]} still gets {means[order[0]]:.3f} of the test images right, "
                f"{order[-1]} {means[order[-1]]:.3f}, Adam {means['Adam']:.3f}"
            )
        )
    title = f"Training loss of a small CNN on {data} at the smallest and the largest rate ({in_words(settings.seeds)})"
    run.figure("extremes", plot.lines_data(panels, title, "epoch", log=True, one_legend=True), "\n".join(said))
