"""The plane that a classifier of points divides: its regions, with the points on them."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData

COLOURS = ("#1f6fb4", "#d9731a", "#3b8f3e", "#8a4fb0", "#c2272d", "#6b6b6b")


def grid(points: ArrayLike, side: int = 200) -> np.ndarray:
    """side x side points (side**2, 2) float32 that cover the given points (N, 2) with a margin, row by row."""
    at = np.asarray(points, dtype=np.float64)
    low, high = at.min(axis=0), at.max(axis=0)
    margin = 0.1 * (high - low) + 1e-9
    xs, ys = (np.linspace(a, b, side) for a, b in zip(low - margin, high + margin, strict=True))
    return np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(np.float32)


def regions_data(panels: Mapping[str, ArrayLike], on: ArrayLike, points: ArrayLike, labels: ArrayLike) -> FigureData:
    """The data of the classes that classifiers give to every point of a grid, one panel each.

    panels: {title: (side**2,) classes of the grid's points}
    on:     (side**2, 2) the points of `grid`
    points: (N, 2) the samples; labels: (N,) their classes, at most 6

    Raises ShapeError for other shapes, DataError for no panels.
    """
    expect(bool(panels), DataError, "plot.regions", "at least one panel", "none")
    places, samples, truth = np.asarray(on), np.asarray(points), np.asarray(labels)
    side = round(len(places) ** 0.5)
    expect(places.shape == (side * side, 2), ShapeError, "plot.regions", "on of (side**2, 2)", places.shape)
    expect(samples.shape == (len(truth), 2), ShapeError, "plot.regions", f"points of ({len(truth)}, 2)", samples.shape)
    shades = [np.asarray(classes) for classes in panels.values()]
    for classes in shades:
        expect(classes.shape == (side * side,), ShapeError, "plot.regions", f"({side * side},) classes", classes.shape)
    arrays = {"classes": np.stack(shades), "on": places, "points": samples, "labels": truth}
    return FigureData("regions", "", arrays, {"titles": list(panels)})


def draw_regions(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws the regions of `regions_data` with the samples on them, and writes a PNG."""
    titles, on = data.options["titles"], data.array("on", 2)
    samples, truth = data.array("points", 2), data.array("labels", 1)
    side = round(len(on) ** 0.5)
    x, y = on.reshape(side, side, 2).transpose(2, 0, 1)
    levels = np.arange(len(COLOURS) + 1) - 0.5
    figure = new_figure(4.2 * len(titles), 4.2)
    tiles = figure.subplots(1, len(titles), squeeze=False)[0]
    for axes, title, classes in zip(tiles, titles, data.array("classes", 2), strict=True):
        axes.contourf(x, y, classes.reshape(side, side), levels=levels, colors=COLOURS, alpha=0.3)
        axes.scatter(*samples.T, c=[COLOURS[k] for k in truth], s=12, edgecolors="white", linewidths=0.4)
        axes.set_title(title)
        axes.set_aspect("equal")
    save(figure, path, data)


def regions(
    path: str | os.PathLike[str],
    panels: Mapping[str, ArrayLike],
    on: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
) -> None:
    """Draws the regions of classifiers, and writes a PNG; the arguments are those of `regions_data`."""
    draw_regions(regions_data(panels, on, points, labels), path)
