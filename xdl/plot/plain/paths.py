"""Paths over functions of two variables: level lines or shades, and the points that searches went over."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData
from xdl.plot.panels import add_curve

LEVELS = 18  # level lines, evenly by the logarithm of the height above the lowest place
SIDE = 4.4  # inches of a panel
MARKED = 30  # points of a path that has a dot at each; of a longer one only the ends have


@dataclass(frozen=True, eq=False)
class Surface:
    """A function on a grid, and what is drawn on it.

    xs, ys:  (W,) and (H,), ascending; heights: (H, W), the value at (xs[j], ys[i]), nan for none
    paths:   {name: (N, 2)}, the first point the start; a name has one colour in all panels
    goals:   (G, 2) places that are marked by a star
    shaded:  the heights as shades with a scale of their own, in place of level lines
    """

    xs: ArrayLike
    ys: ArrayLike
    heights: ArrayLike
    paths: Mapping[str, ArrayLike] = field(default_factory=dict)
    goals: ArrayLike = ()
    shaded: bool = False


def paths_data(panels: Mapping[str, Surface], title: str, *, value: str = "", x: str = "x", y: str = "y") -> FigureData:
    """The data of functions with paths on them, side by side.

    panels: {title of the panel: its surface}; value: what the shades are; x, y: names of the axes

    Raises DataError for no panels, ShapeError for shapes that do not fit.
    """
    expect(bool(panels), DataError, "plot.paths", "at least one panel", "none")
    arrays: dict[str, Any] = {}
    drawn = []
    for number, (name, surface) in enumerate(panels.items()):
        xs, ys, heights = (np.asarray(values, float) for values in (surface.xs, surface.ys, surface.heights))
        fits = xs.ndim == ys.ndim == 1 and len(xs) > 1 and len(ys) > 1 and heights.shape == (len(ys), len(xs))
        expected = "xs (W,), ys (H,), heights (H, W)"
        expect(fits, ShapeError, "plot.paths", expected, (xs.shape, ys.shape, heights.shape))
        arrays |= {f"across{number}": xs, f"up{number}": ys, f"heights{number}": heights}
        arrays[f"goals{number}"] = np.asarray(surface.goals, float).reshape(-1, 2)
        curves = []
        for path, points in surface.paths.items():
            places = np.asarray(points, float)
            expect(places.ndim == 2 and places.shape[1] == 2, ShapeError, "plot.paths", f"{path} (N, 2)", places.shape)
            curves.append(add_curve(arrays, str(path), *places.T))
        drawn.append({"title": str(name), "curves": curves, "shaded": surface.shaded})
    return FigureData("paths", title, arrays, {"panels": drawn, "value": value, "x": x, "y": y})


def draw_paths(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `paths_data` with one legend, and writes a PNG."""
    options, panels = data.options, data.options["panels"]
    names = list(dict.fromkeys(curve["label"] for panel in panels for curve in panel["curves"]))
    across = 2 if len(panels) == 4 else min(3, len(panels))
    down = -(-len(panels) // across)
    figure = new_figure(SIDE * across + (1.5 if names else 0.6), (SIDE - 0.4) * down + 0.4)
    figure.suptitle(data.title)
    tiles = list(figure.subplots(down, across, squeeze=False).flat)
    for number, (axes, panel) in enumerate(zip(tiles, panels, strict=False)):
        xs, ys, heights = (
            data.array(f"across{number}", 1),
            data.array(f"up{number}", 1),
            data.array(f"heights{number}", 2),
        )
        shown = np.ma.masked_invalid(heights)
        if panel["shaded"]:
            shades = axes.pcolormesh(xs, ys, shown, cmap="viridis_r", shading="nearest")
            figure.colorbar(shades, ax=axes, label=options["value"], shrink=0.9)
        else:
            axes.contour(xs, ys, np.log1p(shown - shown.min()), levels=LEVELS, colors="#b0b0b0", linewidths=0.7)
        for curve in panel["curves"]:
            points, name = np.stack([data.array(curve["x"], 1), data.array(curve["y"], 1)]), curve["label"]
            colour, dashes = f"C{names.index(name) % 10}", "--" if names.index(name) >= 10 else "-"
            axes.plot(*points, dashes, color=colour, linewidth=1.3, label=name)
            axes.plot(*(points if points.shape[1] <= MARKED else points[:, -1:]), ".", color=colour, markersize=5)
        axes.plot(*data.array(f"goals{number}", 2).T, "*", color="black", markersize=11, zorder=5)
        axes.set_xlim(xs[0], xs[-1])
        axes.set_ylim(ys[0], ys[-1])
        axes.set_title(panel["title"])
        axes.set_xlabel(options["x"])
        axes.set_ylabel(options["y"])
    for axes in tiles[len(panels) :]:
        axes.set_axis_off()
    if names:
        lines = {line.get_label(): line for axes in tiles for line in axes.get_lines() if line.get_label() in names}
        figure.legend([lines[name] for name in names], names, loc="outside right center", frameon=False, fontsize=9)
    save(figure, path, data)


def paths(
    path: str | os.PathLike[str], panels: Mapping[str, Surface], title: str, *, value: str = "", x: str = "x",
    y: str = "y",
) -> None:  # fmt: skip
    """Draws functions with paths on them, and writes a PNG; the arguments are those of `paths_data`."""
    draw_paths(paths_data(panels, title, value=value, x=x, y=y), path)
