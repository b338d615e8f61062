"""A function of two variables: its heights as shades and level lines, arrows such as gradients, and marked points."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import GREY, RED, new_figure, save
from xdl.plot.figure_data import FigureData

LEVELS = 16  # level lines
SHADES = ("#fffbe0", "#d3ecd0", "#a3d5d8", "#86aede")  # from the least to the largest; arrows can be seen on each
LONGEST = 0.95  # length of the longest arrow, in the distance between two of them
WIDE = 6.0  # inches


def field_data(
    xs: ArrayLike,
    ys: ArrayLike,
    heights: ArrayLike,
    title: str,
    *,
    places: ArrayLike = (),
    arrows: ArrayLike = (),
    points: Mapping[str, tuple[float, float]] | None = None,
    value: str = "",
    x: str = "x",
    y: str = "y",
) -> FigureData:
    """The data of a function on a grid.

    xs, ys:  (W,) and (H,), ascending; heights: (H, W), the value at (xs[j], ys[i])
    places:  (N, 2) where arrows begin, of a grid with one distance; arrows: (N, 2); drawn on one scale, the longest as
             long as that distance
    points:  {name: place} of points that are marked
    value:   what the heights are; x, y: names of the axes

    Raises ShapeError for shapes that do not fit, DataError for heights that are all no numbers.
    """
    across, up, found = np.asarray(xs, float), np.asarray(ys, float), np.asarray(heights, float)
    fits = across.ndim == up.ndim == 1 and len(across) > 1 and len(up) > 1 and found.shape == (len(up), len(across))
    expect(fits, ShapeError, "plot.field", "xs (W,), ys (H,), heights (H, W)", (across.shape, up.shape, found.shape))
    expect(bool(np.isfinite(found).any()), DataError, "plot.field", "heights that are numbers", "none")
    at, to = (np.asarray(pairs, float).reshape(-1, 2) for pairs in (places, arrows))
    expect(at.shape == to.shape, ShapeError, "plot.field", f"arrows of {at.shape}", to.shape)
    marked = points or {}
    arrays = {"xs": across, "ys": up, "heights": found, "places": at, "arrows": to}
    arrays["points"] = np.array(list(marked.values()), float).reshape(-1, 2)
    return FigureData("field", title, arrays, {"names": list(marked), "value": value, "x": x, "y": y})


def draw_field(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `field_data`, one length for 1 along both axes, so that right angles are some; writes a PNG."""
    xs, ys, heights = data.array("xs", 1), data.array("ys", 1), data.array("heights", 2)
    places, arrows, points = (data.array(name, 2) for name in ("places", "arrows", "points"))
    tall = WIDE * float(np.ptp(ys) / np.ptp(xs))
    figure = new_figure(WIDE + 1.2, min(max(tall, 2.0), 12.0) + 0.9)
    figure.suptitle(data.title)
    axes = figure.subplots()
    shown = np.ma.masked_invalid(heights)
    shades = axes.pcolormesh(xs, ys, shown, cmap=_pale(), shading="gouraud")
    axes.contour(xs, ys, shown, levels=LEVELS, colors=GREY, linewidths=0.7, linestyles="solid")
    length = float(np.hypot(*arrows.T).max(initial=0.0))
    if length > 0:
        columns = max(2, len(np.unique(places[:, 0])))
        apart = float(np.ptp(places[:, 0])) / (columns - 1)
        how = {"angles": "xy", "scale_units": "xy", "scale": length / (LONGEST * apart), "width": 0.0035}
        axes.quiver(*places.T, *arrows.T, color="#202020", zorder=3, **how)
    for name, point in zip(data.options["names"], points, strict=True):
        axes.plot(*point, "o", color=RED, markersize=7, zorder=4)
        box = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
        axes.annotate(name, point, (8, 7), textcoords="offset points", color=RED, zorder=5, bbox=box)
    axes.set_aspect("equal")
    axes.set_xlim(xs[0], xs[-1])
    axes.set_ylim(ys[0], ys[-1])
    axes.set_xlabel(data.options["x"])
    axes.set_ylabel(data.options["y"])
    figure.colorbar(shades, ax=axes, label=data.options["value"], shrink=0.9)
    save(figure, path, data)


def _pale() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("pale", SHADES)


def field(
    path: str | os.PathLike[str],
    xs: ArrayLike,
    ys: ArrayLike,
    heights: ArrayLike,
    title: str,
    *,
    places: ArrayLike = (),
    arrows: ArrayLike = (),
    points: Mapping[str, tuple[float, float]] | None = None,
    value: str = "",
    x: str = "x",
    y: str = "y",
) -> None:
    """Draws a function of two variables, and writes a PNG; the arguments are those of `field_data`."""
    more: dict[str, Any] = {"places": places, "arrows": arrows, "points": points, "value": value, "x": x, "y": y}
    draw_field(field_data(xs, ys, heights, title, **more), path)
