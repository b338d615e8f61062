"""Functions of two variables as surfaces in space, and the ways that searches go down them."""

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

SIDE = 4.6  # inches of a panel
PATCHES = 60  # of a surface along each side, at most
FROM = (38, -60)  # where it is seen from: degrees above the plane, and around


@dataclass(frozen=True, eq=False)
class Relief:
    """A surface over a grid of any form, and what lies on it.

    xs, ys, heights: (H, W) each: the places of the grid, and the value there, nan for none
    ways:  {name: (N, 3)}: x, y and the value at each point, the first one the start; nan leaves a gap
    goals: (G, 3) places that are marked by a star
    """

    xs: ArrayLike
    ys: ArrayLike
    heights: ArrayLike
    ways: Mapping[str, ArrayLike] = field(default_factory=dict)
    goals: ArrayLike = ()


def relief_data(panels: Mapping[str, Relief], title: str, *, value: str = "", x: str = "x", y: str = "y") -> FigureData:
    """The data of surfaces side by side.

    panels: {title of the panel: its relief}; value, x, y: names of the axes

    Raises DataError for no panels, ShapeError for shapes that do not fit.
    """
    expect(bool(panels), DataError, "plot.relief", "at least one panel", "none")
    arrays: dict[str, Any] = {}
    drawn = []
    for number, (name, relief) in enumerate(panels.items()):
        grid = [np.asarray(part, float) for part in (relief.xs, relief.ys, relief.heights)]
        shapes = [part.shape for part in grid]
        fits = len(set(shapes)) == 1 and len(shapes[0]) == 2 and min(shapes[0]) > 1
        expect(fits, ShapeError, "plot.relief", "xs, ys and heights (H, W)", shapes)
        arrays |= {f"grid{number}": np.stack(grid), f"goals{number}": np.asarray(relief.goals, float).reshape(-1, 3)}
        for place, (way, points) in enumerate(relief.ways.items()):
            places = np.asarray(points, float)
            expect(places.ndim == 2 and places.shape[1] == 3, ShapeError, "plot.relief", f"{way} (N, 3)", places.shape)
            arrays[f"way{number}_{place}"] = places
        drawn.append({"title": str(name), "ways": [str(way) for way in relief.ways]})
    return FigureData("relief", title, arrays, {"panels": drawn, "value": value, "x": x, "y": y})


def draw_relief(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `relief_data` with one legend, and writes a PNG."""
    options, panels = data.options, data.options["panels"]
    names = list(dict.fromkeys(way for panel in panels for way in panel["ways"]))
    figure = new_figure(SIDE * len(panels) + (1.4 if names else 0.4), SIDE)
    figure.suptitle(data.title)
    lines = {}
    for number, panel in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), number + 1, projection="3d", computed_zorder=False)
        xs, ys, heights = data.array(f"grid{number}", 3)
        look: dict[str, Any] = {"rcount": PATCHES, "ccount": PATCHES, "linewidth": 0.2, "edgecolor": "#ffffff60"}
        axes.plot_surface(xs, ys, heights, cmap="viridis_r", alpha=0.8, zorder=1, **look)
        for place, name in enumerate(panel["ways"]):
            points = data.array(f"way{number}_{place}", 2).T
            colour = f"C{(names.index(name) + 1) % 10}"  # the first is the surface's own
            (lines[name],) = axes.plot(*points, ".-", color=colour, linewidth=1.6, markersize=4, zorder=3)
        axes.plot(*data.array(f"goals{number}", 2).T, "*", color="black", markersize=11, zorder=4)
        axes.view_init(*FROM)
        axes.set_box_aspect(None, zoom=0.92)
        axes.locator_params(nbins=5)
        axes.tick_params(labelsize=8, pad=0)
        axes.set_title(panel["title"])
        axes.set(xlabel=options["x"], ylabel=options["y"], zlabel=options["value"])
    if names:
        figure.legend([lines[name] for name in names], names, loc="outside right center", frameon=False, fontsize=9)
    save(figure, path, data)


def relief(
    path: str | os.PathLike[str], panels: Mapping[str, Relief], title: str, *, value: str = "", x: str = "x",
    y: str = "y",
) -> None:  # fmt: skip
    """Draws surfaces with ways on them, and writes a PNG; the arguments are those of `relief_data`."""
    draw_relief(relief_data(panels, title, value=value, x=x, y=y), path)
