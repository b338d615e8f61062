"""Training curves: loss and accuracy against epochs, train and validation in one figure."""

from __future__ import annotations

import os
from math import isnan
from typing import Any

from xdl.errors import DataError, expect
from xdl.plot.figure import BLUE, GREY, ORANGE, new_figure, save

BEST = {"loss": min, "accuracy": max}  # measure, one panel each -> which value is the best
COLOURS = (BLUE, ORANGE, GREY)


def curves(path: str | os.PathLike[str], history: dict[str, list[float]], title: str) -> None:
    """Draws a loss panel and an accuracy panel (those that the history has) and writes them as a PNG.

    history: one value per epoch under `<set>_loss` and `<set>_accuracy`, such as train_loss, validation_loss,
             train_accuracy, validation_accuracy (at most three sets); the best value of the last set is marked

    Raises DataError for other names, or for a history without values.
    """
    panels: dict[str, dict[str, list[float]]] = {}
    for name, values in history.items():
        label, _, measure = name.rpartition("_")
        expect(measure in BEST and label != "", DataError, "plot.curves", "names like train_loss, test_accuracy", name)
        if values:
            panels.setdefault(measure, {})[label] = values
    expect(bool(panels), DataError, "plot.curves", "a history with at least one epoch", "none")

    figure = new_figure(5 * len(panels), 4)
    figure.suptitle(title)
    for axes, (measure, lines) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        for (label, values), colour in zip(lines.items(), COLOURS, strict=False):
            epochs = range(1, len(values) + 1)
            axes.plot(epochs, values, color=colour, label=label, marker="o" if len(values) < 3 else "", linewidth=1.8)
        _mark_best(axes, measure, *list(lines.items())[-1])
        _finish(axes, measure)
    save(figure, path)


def _mark_best(axes: Any, measure: str, label: str, values: list[float]) -> None:
    numbers = [(value, epoch) for epoch, value in enumerate(values, 1) if not isnan(value)]
    if numbers:
        value, epoch = BEST[measure](numbers, key=lambda pair: pair[0])
        text = f"best {label} {measure}: {value:.4g} (epoch {epoch})"
        axes.scatter([epoch], [value], s=70, facecolors="none", edgecolors="black", zorder=3, label=text)


def _finish(axes: Any, measure: str) -> None:
    axes.set_title(measure)
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
