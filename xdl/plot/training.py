"""Training curves: loss and accuracy against epochs, train and validation in one figure."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from xdl.errors import DataError, expect
from xdl.plot.figure import BLUE, GREY, ORANGE, new_figure, save
from xdl.plot.figure_data import FigureData
from xdl.plot.panels import add_curve, count_in_whole_numbers, finish, points

BEST = {"loss": min, "accuracy": max}  # measure, one panel each -> which value is the best
COLOURS = (BLUE, ORANGE, GREY)
AS_IT_LEARNS = "train, mean while the weights move"  # and dropout is on: a summary's train_loss is measured afterwards


def curves_data(history: Mapping[str, Sequence[float]], title: str) -> FigureData:
    """The data of a loss panel and an accuracy panel: those that the history has.

    history: one value per epoch under `<set>_loss` and `<set>_accuracy`, such as train_loss, validation_loss,
             train_accuracy, validation_accuracy (at most three sets); the best value of the last set is marked

    Raises DataError for other names, or for a history without values.
    """
    arrays: dict[str, Any] = {}
    panels: dict[str, dict[str, Any]] = {}
    for name, values in history.items():
        label, _, measure = name.rpartition("_")
        expect(measure in BEST and label != "", DataError, "plot.curves", "names like train_loss, test_accuracy", name)
        if values:
            panel = panels.setdefault(measure, {"title": measure, "curves": [], "best": None})
            shown = AS_IT_LEARNS if label == "train" else label
            panel["curves"].append(add_curve(arrays, shown, range(1, len(values) + 1), values))
            panel["best"] = _best(measure, label, values)
    expect(bool(panels), DataError, "plot.curves", "a history with at least one epoch", "none")
    return FigureData("curves", title, arrays, {"panels": list(panels.values())})


def _best(measure: str, label: str, values: Sequence[float]) -> dict[str, Any] | None:
    """Where the best of the values is, and what to say of it; None where all are nan."""
    numbers = [(value, i) for i, value in enumerate(values) if not isnan(value)]
    if not numbers:
        return None
    value, i = BEST[measure](numbers, key=lambda pair: pair[0])
    return {"index": i, "label": f"best {label} {measure}: {value:.4g} (epoch {i + 1})"}


def draw_curves(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `curves_data`, and writes a PNG."""
    panels = data.options["panels"]
    figure = new_figure(5 * len(panels), 4)
    figure.suptitle(data.title)
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for curve, colour in zip(panel["curves"], COLOURS, strict=False):
            xs, ys, marker = points(data, curve)
            axes.plot(xs, ys, color=colour, label=curve["label"], marker=marker, linewidth=1.8)
        if best := panel["best"]:
            xs, ys, _ = points(data, panel["curves"][-1])
            at = {"s": 70, "facecolors": "none", "edgecolors": "black", "zorder": 3}
            axes.scatter([xs[best["index"]]], [ys[best["index"]]], label=best["label"], **at)
        finish(axes, panel["title"], "epoch")
        count_in_whole_numbers(axes)
        axes.legend(frameon=False)
    save(figure, path, data)


def curves(path: str | os.PathLike[str], history: Mapping[str, Sequence[float]], title: str) -> None:
    """Draws training curves, and writes a PNG; the arguments are those of `curves_data`."""
    draw_curves(curves_data(history, title), path)
