"""Parallel coordinates: many settings at once, an axis for each, and a line for each trial through its values."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import GREY, ORANGE, RED, new_figure, save
from xdl.plot.figure_data import FigureData

WIDE = 50.0  # largest over smallest result, above which their axis is logarithmic
APART = 0.07  # of an axis, between two names beside it

Columns = Mapping[str, Sequence[float | str]]


def parallel_data(
    columns: Columns,
    values: ArrayLike,
    title: str,
    *,
    value: str = "value",
    better: str = "min",
    ranges: Mapping[str, Sequence[float | str]] | None = None,
    log: Collection[str] = (),
    best: int | None = None,
    faint: ArrayLike | None = None,
) -> FigureData:
    """The data of parallel coordinates of N trials.

    columns: {setting: its N values}, numbers or words; the axes, from the left
    values:  (N,) results, nan for a trial without one; the last axis, which is logarithmic where they differ much
    value:   what the results are; better: "min" or "max", which of them are good
    ranges:  {setting: the lowest and the highest number it may have, or all its words}; otherwise as in the columns
    log:     the settings whose axes are logarithmic
    best:    the trial that is marked
    faint:   (N,) bool, trials that were ended early, which are dashed

    Raises ShapeError for lengths that differ, DataError for no column or trial, and for values that an axis lacks.
    """
    results = np.asarray(values, dtype=np.float64)
    count = len(results) if results.ndim == 1 else 0
    expect(bool(columns) and count > 0, DataError, "plot.parallel", "at least one setting and one trial", "none")
    expect(best is None or 0 <= best < count, DataError, "plot.parallel", f"best from 0 to {count - 1}", best)
    expect(better in ("min", "max"), DataError, "plot.parallel", "better: min or max", repr(better))
    dashed = np.zeros(count, bool) if faint is None else np.asarray(faint, bool)
    expect(dashed.shape == (count,), ShapeError, "plot.parallel", f"faint of ({count},)", dashed.shape)
    arrays: dict[str, Any] = {"values": results, "faint": dashed}
    axes: list[dict[str, Any]] = []
    for name, column in columns.items():
        same = len(column) == count
        expect(same, ShapeError, "plot.parallel", f"{count} values of {name}", len(column))
        key = f"column{len(axes)}"
        arrays[key], axis = _column(name, column, (ranges or {}).get(name, column), name in log)
        axes.append({"name": str(name), "values": key, **axis})
    options = {"axes": axes, "value": value, "better": better, "best": best}
    return FigureData("parallel", title, arrays, options)


def _column(
    name: str, column: Sequence[float | str], allowed: Sequence[float | str], log: bool
) -> tuple[Any, dict[str, Any]]:
    """A column as numbers, and its axis; words are numbered in the order in which they are allowed."""
    if any(isinstance(one, str) for one in [*column, *allowed]):
        words = list(dict.fromkeys(str(one) for one in [*allowed, *column]))
        found = np.array([words.index(str(one)) for one in column], np.float64)
        return found, {"words": words, "low": 0, "high": max(1, len(words) - 1), "log": False}
    found, ends = np.asarray(column, np.float64), np.asarray([*column, *allowed], np.float64)
    low, high = float(ends.min()), float(ends.max())
    fits = np.isfinite(ends).all() and (low > 0 or not log)
    kind = "finite and above 0" if log else "finite"
    expect(bool(fits), DataError, "plot.parallel", f"values of {name} that are {kind}", low)
    return found, {"words": None, "low": low, "high": high, "log": log}


def draw_parallel(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `parallel_data`, the better trials darker and on top, those without a result in red, and writes a PNG."""
    axes_of, values, faint = data.options["axes"], data.array("values", 1), data.array("faint", 1)
    expect(len(values) == len(faint) > 0, ShapeError, "plot.parallel", "faint as long as values", len(faint))
    known = values[np.isfinite(values)]
    ends = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    results = {"name": data.options["value"], "words": None, "low": ends[0], "high": ends[1]}
    results["log"] = ends[0] > 0 and ends[1] > WIDE * ends[0]
    columns = [(axis, data.array(axis["values"], 1)) for axis in axes_of] + [(results, values)]
    lengths = {len(column) for _, column in columns}
    expect(lengths == {len(values)}, ShapeError, "plot.parallel", f"columns of {len(values)} values", lengths)
    places = np.stack([_place(axis, column) for axis, column in columns], axis=1)

    figure = new_figure(1.9 * len(columns) + 2.0, 4.6)
    axes = figure.subplots()
    figure.suptitle(data.title)
    _draw_trials(axes, data, values, faint, places)
    for x, (axis, _) in enumerate(columns):
        _draw_axis(axes, x, axis)
    axes.set_xticks(range(len(columns)), [axis["name"] for axis, _ in columns])
    axes.set_xlim(-0.35, len(columns) - 0.45)
    axes.set_ylim(-0.06, 1.06)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.09), ncols=4, frameon=False, fontsize=8)
    save(figure, path, data)


def _draw_trials(axes: Any, data: FigureData, values: Any, faint: Any, places: Any) -> None:
    """The lines, the worst first; those without a result end before the last axis."""
    from matplotlib import colormaps

    order = np.argsort(values if data.options["better"] == "max" else -values)  # nan last
    there = np.isfinite(values)
    xs, last = np.arange(places.shape[1]), int(there.sum()) - 1
    named: set[str] = set()
    for i in np.flatnonzero(~there):
        label = _once("no result: diverged", named)
        axes.plot(xs[:-1], places[i, :-1], color=RED, linewidth=0.9, alpha=0.7, marker="x", markersize=5, label=label)
    for place, i in enumerate(order[there[order]]):
        share = place / last if last else 1.0
        dashes = "--" if faint[i] else "-"
        colour = colormaps["Blues"](0.35 + 0.65 * share)
        axes.plot(xs, places[i], dashes, color=colour, linewidth=1.0 + 0.6 * share, zorder=2 + share)
    for early, dashes, label in ((False, "-", "finished, better ones darker"), (True, "--", "ended early")):
        if (faint[there] == early).any():
            axes.plot([], [], dashes, color=colormaps["Blues"](0.8), linewidth=1.6, label=label)
    best = data.options["best"]
    if best is not None:
        axes.plot(xs, places[best], color=ORANGE, linewidth=3, marker="o", label="best", zorder=5)


def _once(label: str, named: set[str]) -> str | None:
    """A label for the first line of its kind."""
    new = label not in named
    named.add(label)
    return label if new else None


def _place(axis: Mapping[str, Any], values: Any) -> Any:
    """Where values lie on an axis, from 0 at the bottom to 1."""
    low, high = axis["low"], axis["high"]
    if low == high:
        return np.where(np.isfinite(values), 0.5, np.nan)
    if axis["log"]:
        return (np.log(values) - np.log(low)) / (np.log(high) - np.log(low))
    return (values - low) / (high - low)


def _draw_axis(axes: Any, x: int, axis: Mapping[str, Any]) -> None:
    """A vertical line, and names beside it: all words, or a few numbers, both ends among them."""
    axes.axvline(x, color=GREY, linewidth=1, zorder=1)
    box = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.75}
    before = -1.0
    for value, name in _named(axis):
        place = float(_place(axis, np.float64(value)))
        if place - before >= APART:
            axes.text(x + 0.04, place, name, fontsize=8, va="center", zorder=6, bbox=box)
            before = place


def _named(axis: Mapping[str, Any]) -> list[tuple[float, str]]:
    if axis["words"] is not None:
        return [(float(i), str(word)) for i, word in enumerate(axis["words"])]
    low, high = axis["low"], axis["high"]
    between = low + (high - low) * np.linspace(0, 1, 5)[1:-1]
    if axis["log"]:
        tens = 10.0 ** np.arange(np.floor(np.log10(low)), np.log10(high) + 1)
        between = tens[(_place(axis, tens) > APART) & (_place(axis, tens) < 1 - APART)]
    return [(value, f"{value:.3g}") for value in (low, *between.tolist(), high)]


def parallel(
    path: str | os.PathLike[str],
    columns: Columns,
    values: ArrayLike,
    title: str,
    *,
    value: str = "value",
    better: str = "min",
    ranges: Mapping[str, Sequence[float | str]] | None = None,
    log: Collection[str] = (),
    best: int | None = None,
    faint: ArrayLike | None = None,
) -> None:
    """Draws parallel coordinates, and writes a PNG; the arguments are those of `parallel_data`."""
    draw_parallel(
        parallel_data(
            columns, values, title, value=value, better=better, ranges=ranges, log=log, best=best, faint=faint
        ),
        path,
    )
