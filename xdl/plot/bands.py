"""Bands: the curves of several runs of the same kind as their mean and range."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xdl.errors import DataError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData
from xdl.plot.panels import Line, add_line, count_in_whole_numbers, draw_curves_of, finish


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
