"""Training curves: those of one run, train and validation in one figure, or of several as their mean and range."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np

from xdl.errors import DataError, expect
from xdl.plot.figure import BLUE, GREY, ORANGE, new_figure, save
from xdl.plot.figure_data import FigureData
from xdl.plot.panels import Line, add_curve, add_line, count_in_whole_numbers, draw_curves_of, finish, points

BEST = {"loss": min, "accuracy": max}  # measure, one panel each -> which value is the best
COLOURS = (BLUE, ORANGE, GREY)
AS_IT_LEARNS = "train, mean while the weights move"  # and dropout is on: a summary's train_loss is measured afterwards


def curves_data(history: Mapping[str, Sequence[float]], title: str, tested: int | None = None) -> FigureData:
    """The data of a loss panel and an accuracy panel: those that the history has.

    history: one value per epoch under `<set>_loss` and `<set>_accuracy`, such as train_loss, validation_loss,
             train_accuracy, validation_accuracy (at most three sets); the best value of the last set is marked
    tested:  the epoch whose model is tested and saved; None marks none

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
    return FigureData("curves", title, arrays, {"panels": list(panels.values()), "tested": tested})


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
        if (tested := data.options.get("tested")) is not None:
            axes.axvline(tested, color=GREY, linestyle=":", linewidth=1.2, label=f"tested and saved: epoch {tested}")
        finish(axes, panel["title"], "epoch")
        count_in_whole_numbers(axes)
        axes.legend(frameon=False)
    save(figure, path, data)


def curves(
    path: str | os.PathLike[str], history: Mapping[str, Sequence[float]], title: str, tested: int | None = None
) -> None:
    """Draws training curves, and writes a PNG; the arguments are those of `curves_data`."""
    draw_curves(curves_data(history, title, tested), path)


def bands_data(
    panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]], title: str, x: str = "epoch"
) -> FigureData:
    """The data of panels side by side, in each a line for the mean of several curves and a band from min to max.

    panels: {title of the panel: {label: curves}}, each curve one value an epoch. Curves may end early, as where a run
            was stopped: mean and band are those of the curves that have the epoch. nan counts as no value

    Raises DataError where there is nothing to draw.
    """
    curves = [curve for panel in panels.values() for several in panel.values() for curve in several]
    expect(any(len(curve) for curve in curves), DataError, "plot.bands", "a curve with at least one value", "none")
    arrays: dict[str, Any] = {}
    drawn = []
    for name, several in panels.items():
        named = []
        for label, of_one_kind in several.items():
            mean, low, high = mean_and_range(of_one_kind)
            line = Line(np.arange(1, len(mean) + 1), mean, low, high)
            named.append(add_line(arrays, "plot.bands", str(label), line))
        drawn.append({"title": str(name), "curves": named})
    return FigureData("bands", title, arrays, {"panels": drawn, "x": x})


def draw_bands(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `bands_data`, and writes a PNG."""
    panels = data.options["panels"]
    figure = new_figure(5 * len(panels), 4)
    figure.suptitle(data.title)
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        draw_curves_of(axes, data, panel["curves"])
        finish(axes, panel["title"], data.options["x"])
        count_in_whole_numbers(axes)
        axes.legend(frameon=False, fontsize=8)
    save(figure, path, data)


def bands(
    path: str | os.PathLike[str],
    panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]],
    title: str,
    x: str = "epoch",
) -> None:
    """Draws bands, and writes a PNG; the arguments are those of `bands_data`."""
    draw_bands(bands_data(panels, title, x), path)


def mean_and_range(curves: Sequence[Sequence[float]]) -> tuple[Any, Any, Any]:
    """Mean, smallest and largest value at each position, as arrays as long as the longest curve; nan where none is."""
    padded = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(padded, curves, strict=True):
        row[: len(curve)] = curve
    here = ~np.isnan(padded)
    count = here.sum(0)
    mean = np.where(here, padded, 0.0).sum(0) / np.maximum(count, 1)
    low, high = np.where(here, padded, np.inf).min(0), np.where(here, padded, -np.inf).max(0)
    for values in (mean, low, high):
        values[count == 0] = np.nan
    return mean, low, high
