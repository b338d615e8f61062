"""Lines: several curves in one figure, for functions and for runs side by side."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData
from xdl.plot.panels import (
    FEW,
    LEGEND,
    Line,
    add_curve,
    add_line,
    count_in_whole_numbers,
    counts,
    draw_curves_of,
    finish,
    keep_names_apart,
    name_few,
    points,
)

Record = Mapping[str, float]
Curve = Line | tuple[ArrayLike, ArrayLike]
Panels = Mapping[str, Mapping[str, Curve]]

MEASURES = ("loss", "accuracy")
PANEL = 4.6  # inches of a panel from left to right


def lines_data(
    panels: Panels,
    title: str,
    x: str | Sequence[str] = "",
    *,
    columns: int = 3,
    log: bool = False,
    x_log: bool = False,
    share: bool = False,
    equal: bool | Collection[str] = False,
    width: float = PANEL,
    one_legend: bool = False,
    whole: bool = False,
) -> FigureData:
    """The data of panels of curves, side by side.

    panels: {title of the panel: {label: (xs, ys) or a `Line`}}, every pair of the same length; nan leaves a gap
    x:      what the horizontal axis shows, or a list, one for each panel
    log, x_log: a logarithmic vertical, horizontal axis
    share:  one vertical range for all panels, so that they can be compared
    equal:  one length for 1 along both axes, so that a circle is round; or the titles of the panels where it is so
    width:  of a panel, in inches
    one_legend: only the first panel has one; for panels of the same curves
    whole:  the horizontal axis names whole numbers only, as it does anyway where all points lie over such

    Raises DataError for no panels or curves, ShapeError for lengths that differ.
    """
    expect(bool(panels) and all(panels.values()), DataError, "plot.lines", "at least one curve in each panel", "none")
    shows = x if isinstance(x, str) else list(x)
    fits = isinstance(shows, str) or len(shows) == len(panels)
    expect(fits, ShapeError, "plot.lines", f"one name of the axis, or {len(panels)}", len(shows))
    arrays: dict[str, Any] = {}
    drawn: list[dict[str, Any]] = []
    for name, curves in panels.items():
        named = []
        for label, curve in curves.items():
            line = curve if isinstance(curve, Line) else Line(*curve)
            named.append(add_line(arrays, "plot.lines", str(label), line))
        labelled = sum(curve["label"] is not None for curve in named)
        legend = 1 < labelled <= LEGEND and not (one_legend and drawn)
        round_too = equal if isinstance(equal, bool) else name in equal
        drawn.append({"title": str(name), "curves": named, "legend": legend, "equal": round_too})
    axes = {"x": shows, "log": log, "x_log": x_log, "share": share, "whole": whole, "width": width}
    return FigureData("lines", title, arrays, {"panels": drawn, "columns": columns, **axes})


def draw_lines(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `lines_data`, and writes a PNG."""
    options, panels = data.options, data.options["panels"]
    across = min(options["columns"], len(panels))
    down = -(-len(panels) // across)
    figure = new_figure(max(6.4, options.get("width", PANEL) * across), (3.5 if len(panels) > 1 else 4.2) * down + 0.3)
    figure.suptitle(data.title)
    tiles = list(figure.subplots(down, across, squeeze=False, sharey=options.get("share", False)).flat)
    names = [options["x"]] * len(panels) if isinstance(options["x"], str) else options["x"]
    for axes, panel, name in zip(tiles, panels, names, strict=False):
        if options["log"]:
            axes.set_yscale("log")
        if options["x_log"]:
            axes.set_xscale("log")
            name_few(axes, data, panel["curves"])
        draw_curves_of(axes, data, panel["curves"])
        finish(axes, panel["title"], name)
        if is_equal := panel.get("equal", options.get("equal", False)):
            axes.set_aspect("equal")
        if not options["x_log"]:
            keep_names_apart(axes)
            if options.get("whole", False) or counts(data, panel["curves"]):
                count_in_whole_numbers(axes)
        if panel["legend"]:
            beside = {"loc": "upper left", "bbox_to_anchor": (1, 1)} if is_equal else {}
            axes.legend(frameon=False, fontsize=8, **beside)
    for axes in tiles[len(panels) :]:  # what is left of the last row
        axes.set_axis_off()
    save(figure, path, data)


def lines(
    path: str | os.PathLike[str],
    panels: Panels,
    title: str,
    x: str | Sequence[str] = "",
    *,
    columns: int = 3,
    log: bool = False,
    x_log: bool = False,
    share: bool = False,
    equal: bool | Collection[str] = False,
    width: float = PANEL,
    one_legend: bool = False,
    whole: bool = False,
) -> None:
    """Draws panels of curves side by side, and writes a PNG; the arguments are those of `lines_data`."""
    more = {"log": log, "x_log": x_log, "share": share, "one_legend": one_legend, "whole": whole}
    draw_lines(lines_data(panels, title, x, columns=columns, equal=equal, width=width, **more), path)


def comparison_data(
    histories: Mapping[str, Sequence[Record]], title: str, measures: Sequence[str] = MEASURES
) -> FigureData:
    """The data of loss and accuracy of several trainings: two curves each, for validation and for training.

    histories: {name: one record an epoch}, as `Trainer.fit` returns and metrics.jsonl holds them
    measures:  one panel for each that a record has, as train_<measure> or validation_<measure>

    Raises DataError where there is nothing to draw.
    """
    expect(any(histories.values()), DataError, "plot.comparison", "a training with at least one epoch", "none")
    there = {name for history in histories.values() for record in history for name in record}
    shown = [measure for measure in measures if {f"train_{measure}", f"validation_{measure}"} & there]
    wanted = " or ".join(f"train_{measure}" for measure in measures)
    expect(bool(shown), DataError, "plot.comparison", f"records with {wanted}", "none")
    arrays: dict[str, Any] = {}
    panels = []
    for measure in shown:
        curves = []
        for run, (name, history) in enumerate(histories.items()):
            label: str | None = str(name)  # of the first line that is there
            for part in ("validation", "train"):
                found = [(r["epoch"], r[f"{part}_{measure}"]) for r in history if f"{part}_{measure}" in r]
                if found:
                    xs, ys = zip(*found, strict=True)
                    curves.append(add_curve(arrays, label, xs, ys, run=run, dashed=part == "train"))
                    label = None
        few = all(len(history) <= FEW for history in histories.values())
        panels.append({"title": f"{measure} (dashed{', open' if few else ''}: training)", "curves": curves})
    return FigureData("comparison", title, arrays, {"panels": panels, "legend": 1 < len(histories) <= LEGEND})


def draw_comparison(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `comparison_data`, one colour a training: validation solid, training dashed; writes a PNG.

    A curve that later ones would hide, since they are equal, is drawn thicker than these, so that it borders them.
    """
    panels = data.options["panels"]
    figure = new_figure(5.5 * len(panels), 4.2)
    figure.suptitle(data.title)
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for i, curve in enumerate(panel["curves"]):
            xs, ys, marker = points(data, curve)
            hidden = sum(_are_equal(data, curve, later) for later in panel["curves"][i + 1 :])
            style, colour = "--" if curve["dashed"] else "-", f"C{curve['run'] % 10}"
            face = "none" if curve["dashed"] else colour
            size = {"linewidth": 1.6 + 2.5 * hidden, "markersize": 6 + 6 * hidden, "markeredgewidth": 2}
            axes.plot(xs, ys, style, color=colour, label=curve["label"], marker=marker, markerfacecolor=face, **size)
        finish(axes, panel["title"], "epoch")
        if data.options["legend"]:
            axes.legend(frameon=False, fontsize=8)
        count_in_whole_numbers(axes)
    save(figure, path, data)


def _are_equal(data: FigureData, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(np.array_equal(data.array(one[axis], 1), data.array(other[axis], 1), equal_nan=True) for axis in "xy")


def comparison(
    path: str | os.PathLike[str],
    histories: Mapping[str, Sequence[Record]],
    title: str,
    measures: Sequence[str] = MEASURES,
) -> None:
    """Draws loss and accuracy of several trainings, and writes a PNG; the arguments are those of `comparison_data`."""
    draw_comparison(comparison_data(histories, title, measures), path)
