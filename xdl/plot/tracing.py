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

LINES, IMAGES = 12, 10  # the most parameters, and filters, that a figure shows
PANELS = (
    ("values: mean", "value", "mean", False),
    ("values: standard deviation", "value", "deviation", False),
    ("gradients: norm", "gradient", "norm", True),
)


def trace(path: str | os.PathLike[str], lines: Sequence[Mapping[str, Any]], title: str = "") -> None:
    """Draws mean and deviation of each parameter and the norm of its gradient against the steps; writes a PNG.

    lines: those of `train.ParameterTrace`, as `train.read_trace` reads them. Up to 12 parameters are shown, those of
           the first line, in the model's order from dark to light

    Raises DataError for no lines.
    """
    expect(len(lines) > 0, DataError, "plot.trace", "at least one line of a trace", "none")
    names = list(lines[0]["parameters"])
    shown = names[:LINES]
    steps = [line["step"] for line in lines]
    figure = new_figure(13, 4.2)
    left_out = f"the first {LINES} of {len(names)} parameters" if len(names) > LINES else ""
    figure.suptitle(", ".join(part for part in (title, left_out) if part))
    panels = figure.subplots(1, len(PANELS))
    for axes, (heading, part, statistic, logarithmic) in zip(panels, PANELS, strict=True):
        for i, name in enumerate(shown):
            values = [_number(line, name, part, statistic) for line in lines]
            _draw(axes, steps, values, name, i / max(1, len(shown) - 1))
        if part == "gradient":
            total = [_or_nan(line.get("gradient_norm")) for line in lines]
            axes.plot(steps, total, color="black", linewidth=1.2, linestyle="--", label="all together")
        if logarithmic:
            axes.set_yscale("log")
        axes.set_title(heading)
        axes.set_xlabel("step")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*panels[-1].get_legend_handles_labels(), loc="outside right upper", frameon=False, fontsize=8)
    save(figure, path)


def _draw(axes: Any, steps: list[int], values: list[float], name: str, place: float) -> None:
    from matplotlib import colormaps

    marker = "o" if len(steps) < 3 else ""
    axes.plot(steps, values, color=colormaps["viridis"](0.9 * place), linewidth=1.6, marker=marker, label=name)


def _number(line: Mapping[str, Any], name: str, part: str, statistic: str) -> float:
    found = line["parameters"].get(name, {}).get(part)
    return _or_nan(found and found[statistic])


def _or_nan(value: float | None) -> float:
    return nan if value is None else value


def snapshots(path: str | os.PathLike[str], steps: Sequence[int], weights: Sequence[ArrayLike]) -> None:
    """Draws weights as images, a row for each of some steps, on one colour scale; writes a PNG.

    steps:   their numbers
    weights: for each (O, H, W), or (O, C, H, W), of which the first plane is shown; up to 10 of the O

    Raises DataError for no steps, ShapeError for other shapes or shapes that differ.
    """
    expect(0 < len(steps) == len(weights), DataError, "plot.snapshots", "weights for each step", len(weights))
    planes = [np.asarray(w, dtype=np.float64) for w in weights]
    shape = planes[0].shape
    for w in planes:
        right = w.ndim in (3, 4) and w.size > 0 and w.shape == shape
        expect(right, ShapeError, "plot.snapshots", "weights (O, H, W) or (O, C, H, W), all alike", w.shape)
    tiles = np.stack([(w if w.ndim == 3 else w[:, 0])[:IMAGES] for w in planes])
    rows, columns, height, width = tiles.shape
    gap = max(1, width // 8)
    padded = np.pad(tiles, ((0, 0), (0, 0), (0, gap), (0, gap)), constant_values=np.nan)
    strip = padded.transpose(0, 2, 1, 3).reshape(rows * (height + gap), columns * (width + gap))[:-gap, :-gap]
    limit = float(np.abs(tiles).max()) or 1.0

    figure = new_figure(1.0 + 0.8 * columns + 0.9, 0.8 + 0.8 * rows * height / width)
    axes = figure.subplots()
    axes.set_facecolor("#cfcfcf")
    axes.spines[:].set_visible(False)
    picture = axes.imshow(strip, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([i * (height + gap) + height / 2 for i in range(rows)], [f"step {step}" for step in steps])
    axes.tick_params(length=0)
    shown = f"{columns} of {shape[0]}" if shape[0] > columns else f"{columns}"
    axes.set_title(f"{shown} filters during training")
    figure.colorbar(picture, ax=axes, shrink=0.8, label="weight")
    save(figure, path)
