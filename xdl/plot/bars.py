"""Bars: a few numbers beside each other, such as times of several ways, on a linear or a logarithmic axis."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData

NAMES = 40  # the most bars of a series
SPACE = 1.45  # length of a panel's axis, in that of its longest bar: room for the numbers behind the bars

Panels = Mapping[str, Mapping[str, ArrayLike]]


def bars_data(names: Sequence[str], panels: Panels, title: str, *, log: bool = False) -> FigureData:
    """The data of panels of horizontal bars, side by side, with the names at the left.

    names:  N, at most 40, from the top down
    panels: {title of the panel: {series: (N,) values}}; the bars of several series lie side by side, nan leaves a gap
    log:    logarithmic axes, on which each panel's values must be above 0

    Raises DataError for nothing to draw and for values that an axis does not have, ShapeError for lengths that differ.
    """
    expect(0 < len(names) <= NAMES, DataError, "plot.bars", f"1 to {NAMES} names", len(names))
    expect(bool(panels) and all(panels.values()), DataError, "plot.bars", "at least one series in each panel", "none")
    arrays: dict[str, Any] = {}
    drawn = []
    for heading, series in panels.items():
        named = []
        for label, values in series.items():
            lengths = np.asarray(values, dtype=np.float64)
            expect(
                lengths.shape == (len(names),),
                ShapeError,
                "plot.bars",
                f"{len(names)} values of {label}",
                lengths.shape,
            )
            low, bound = ("above 0", 0.0) if log else ("finite, or nan", -np.inf)
            fits = np.isnan(lengths) | ((lengths > bound) & (lengths < np.inf))
            expect(bool(fits.all()), DataError, "plot.bars", f"values of {label} that are {low}", lengths[~fits][:1])
            key = f"values{len(arrays)}"
            arrays[key] = lengths
            named.append({"label": str(label), "values": key})
        drawn.append({"title": str(heading), "series": named})
    return FigureData("bars", title, arrays, {"names": [str(name) for name in names], "panels": drawn, "log": log})


def draw_bars(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `bars_data`, each bar's number behind it, and writes a PNG."""
    names, panels, log = data.options["names"], data.options["panels"], data.options["log"]
    lengths = {data.array(one["values"], 1).shape for panel in panels for one in panel["series"]}
    expect(lengths == {(len(names),)}, ShapeError, "plot.bars", f"{len(names)} values in each series", lengths)
    many = max(len(panel["series"]) for panel in panels)
    figure = new_figure(1.6 + 3.6 * len(panels), 1.2 + (0.22 + 0.24 * many) * len(names))
    figure.suptitle(data.title)
    tiles = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for axes, panel in zip(tiles, panels, strict=True):
        _draw_panel(axes, data, panel, log)
    tiles[0].set_yticks(np.arange(len(names)), names)
    tiles[0].set_ylim(len(names) - 0.5, -0.5)
    save(figure, path, data)


def _draw_panel(axes: Any, data: FigureData, panel: Mapping[str, Any], log: bool) -> None:
    series = [(one["label"], data.array(one["values"], 1)) for one in panel["series"]]
    thick = 0.8 / len(series)
    for i, (label, values) in enumerate(series):
        places = np.arange(len(values)) + (i - (len(series) - 1) / 2) * thick
        axes.barh(places, values, 0.92 * thick, color=f"C{i % 10}", label=label)
        for place, value in zip(places, values, strict=True):
            if not np.isnan(value):
                text = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "fontsize": 8}
                axes.annotate(f"{value:,.4g}", (max(value, 0) or 0, place), **text)
    found = np.concatenate([values[~np.isnan(values)] for _, values in series])
    if len(found):
        low, high = float(found.min()), float(found.max())
        if log:
            decades = np.log10(high) - np.log10(low / 2)
            axes.set_xscale("log")
            axes.set_xlim(low / 2, high * 10 ** ((SPACE - 1) * decades))
        else:
            axes.set_xlim(min(low, 0.0), SPACE * high if high > 0 else 1.0)
    axes.set_title(panel["title"], fontsize=10)
    axes.grid(axis="x", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if len(series) > 1:
        axes.legend(frameon=False, fontsize=8)


def bars(path: str | os.PathLike[str], names: Sequence[str], panels: Panels, title: str, *, log: bool = False) -> None:
    """Draws panels of horizontal bars, and writes a PNG; the arguments are those of `bars_data`."""
    draw_bars(bars_data(names, panels, title, log=log), path)
