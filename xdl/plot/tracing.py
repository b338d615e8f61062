"""What happened to the parameters during training: the figure of a trace, and weights as images over time."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData, entitled
from xdl.plot.panels import finish, points

LINES, IMAGES = 12, 10  # the most parameters, and filters, that a figure shows
PANELS = (
    ("values: mean", "value", "mean", False),
    ("values: std", "value", "std", False),
    ("gradients: norm", "gradient", "norm", True),
)


def trace_data(lines: Sequence[Mapping[str, Any]], title: str = "") -> FigureData:
    """The data of mean and std of each parameter and the norm of its gradient against the steps.

    lines: those of `train.ParameterTrace`, as `train.read_trace` reads them. Up to 12 parameters are shown, those of
           the first line, in the model's order

    Raises DataError for no lines.
    """
    expect(len(lines) > 0, DataError, "plot.trace", "at least one line of a trace", "none")
    names = list(lines[0]["parameters"])
    left_out = f"the first {LINES} of {len(names)} parameters" if len(names) > LINES else ""
    arrays: dict[str, Any] = {"steps": [line["step"] for line in lines]}
    panels = []
    for heading, part, statistic, logarithmic in PANELS:
        curves = []
        for i, name in enumerate(names[:LINES]):
            arrays[f"{part}.{statistic}.{i}"] = [_number(line, name, part, statistic) for line in lines]
            curves.append({"label": name, "x": "steps", "y": f"{part}.{statistic}.{i}", "all": False})
        if part == "gradient":
            arrays["gradient.norm.all"] = [_or_nan(line.get("gradient_norm")) for line in lines]
            curves.append({"label": "all together", "x": "steps", "y": "gradient.norm.all", "all": True})
        panels.append({"title": heading, "curves": curves, "log": logarithmic})
    return FigureData("trace", ", ".join(part for part in (title, left_out) if part), arrays, {"panels": panels})


def _number(line: Mapping[str, Any], name: str, part: str, statistic: str) -> float:
    found = line["parameters"].get(name, {}).get(part)
    return _or_nan(found and found[statistic])


def _or_nan(value: float | None) -> float:
    return nan if value is None else value


def draw_trace(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `trace_data`, the parameters from dark to light in their order, and writes a PNG."""
    panels = data.options["panels"]
    figure = new_figure(13, 4.2)
    figure.suptitle(data.title)
    tiles = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, panel in zip(tiles, panels, strict=True):
        _draw_statistic(axes, data, panel["curves"])
        if panel["log"]:
            axes.set_yscale("log")
        finish(axes, panel["title"], "step")
    figure.legend(*tiles[-1].get_legend_handles_labels(), loc="outside right upper", frameon=False, fontsize=8)
    save(figure, path, data)


def _draw_statistic(axes: Any, data: FigureData, curves: Sequence[Mapping[str, Any]]) -> None:
    from matplotlib import colormaps

    count = sum(not curve["all"] for curve in curves)
    for i, curve in enumerate(curves):
        steps, values, marker = points(data, curve)
        if curve["all"]:
            axes.plot(steps, values, color="black", linewidth=1.2, linestyle="--", label=curve["label"])
        else:
            colour = colormaps["viridis"](0.9 * (i / max(1, count - 1)))
            axes.plot(steps, values, color=colour, linewidth=1.6, marker=marker, label=curve["label"])


def trace(path: str | os.PathLike[str], lines: Sequence[Mapping[str, Any]], title: str = "") -> None:
    """Draws a trace of parameters, and writes a PNG; the arguments are those of `trace_data`."""
    draw_trace(trace_data(lines, title), path)


def snapshots_data(
    steps: Sequence[int], weights: Sequence[ArrayLike], title: str = "", names: Sequence[str] = ()
) -> FigureData:
    """The data of weights as images, a row for each of some steps.

    steps:   their numbers
    weights: for each (O, H, W), or (O, C, H, W), of which the first plane is shown; up to 10 of the O
    title:   stands before the number of filters; names: of the columns, none or as many as are shown, or more

    Raises DataError for no steps, ShapeError for other shapes or shapes that differ.
    """
    expect(0 < len(steps) == len(weights), DataError, "plot.snapshots", "weights for each step", len(weights))
    planes = [np.asarray(w) for w in weights]
    shape = planes[0].shape
    for w in planes:
        right = w.ndim in (3, 4) and w.size > 0 and w.shape == shape
        expect(right, ShapeError, "plot.snapshots", "weights (O, H, W) or (O, C, H, W), all alike", w.shape)
    tiles = np.stack([(w if w.ndim == 3 else w[:, 0])[:IMAGES] for w in planes])
    shown = f"{tiles.shape[1]} of {shape[0]}" if shape[0] > tiles.shape[1] else f"{tiles.shape[1]}"
    arrays = {"steps": list(steps), "weights": tiles}
    full = entitled(title, f"{shown} filters during training")
    return FigureData("snapshots", full, arrays, {"names": list(names[:IMAGES])})


def draw_snapshots(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `snapshots_data` on one colour scale, and writes a PNG."""
    tiles = data.array("weights", 4).astype(np.float64)
    expect(tiles.size > 0, ShapeError, "plot", "images with pixels", tiles.shape)
    rows, columns, height, width = tiles.shape
    steps = data.array("steps", 1)
    expect(len(steps) == rows, ShapeError, "plot.snapshots", f"{rows} steps", len(steps))
    gap = max(1, width // 8)
    padded = np.pad(tiles, ((0, 0), (0, 0), (0, gap), (0, gap)), constant_values=np.nan)
    strip = padded.transpose(0, 2, 1, 3).reshape(rows * (height + gap), columns * (width + gap))[:-gap, :-gap]
    limit = float(np.abs(tiles).max()) or 1.0

    figure = new_figure(1.0 + 0.8 * columns + 0.9, 0.8 + 0.8 * rows * height / width)
    axes = figure.subplots()
    axes.set_facecolor("#cfcfcf")
    axes.spines[:].set_visible(False)
    picture = axes.imshow(strip, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    names = data.options.get("names", [])[:columns]
    axes.set_xticks([j * (width + gap) + width / 2 - 0.5 for j in range(len(names))], names, fontsize=8)
    axes.xaxis.tick_top()
    labels = [f"step {step}" for step in steps]
    axes.set_yticks([i * (height + gap) + height / 2 for i in range(rows)], labels)
    axes.tick_params(length=0)
    figure.suptitle(data.title)
    figure.colorbar(picture, ax=axes, shrink=0.8, label="weight")
    save(figure, path, data)


def snapshots(
    path: str | os.PathLike[str],
    steps: Sequence[int],
    weights: Sequence[ArrayLike],
    title: str = "",
    names: Sequence[str] = (),
) -> None:
    """Draws weights as images over the steps, and writes a PNG; the arguments are those of `snapshots_data`."""
    draw_snapshots(snapshots_data(steps, weights, title, names), path)
