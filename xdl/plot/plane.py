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
SHADE = 0.45  # of a class's colour where it is certain
ACROSS = 3  # panels in a row
DOTS = 1200  # the area of all samples together, in points squared, while each is neither a speck nor a blot


def grid(points: ArrayLike, side: int = 200) -> np.ndarray:
    """side x side points (side**2, 2) float32 that cover the given points (N, 2) with a margin, row by row."""
    at = np.asarray(points, dtype=np.float64)
    low, high = at.min(axis=0), at.max(axis=0)
    margin = 0.1 * (high - low) + 1e-9
    xs, ys = (np.linspace(a, b, side) for a, b in zip(low - margin, high + margin, strict=True))
    return np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(np.float32)


def regions_data(
    panels: Mapping[str, ArrayLike], on: ArrayLike, points: ArrayLike, labels: ArrayLike, title: str = ""
) -> FigureData:
    """The data of the probabilities that classifiers give to every point of a grid, one panel each.

    panels: {title: (side**2, K) probabilities of the K classes, at most 6, at the grid's points}
    on:     (side**2, 2) the points of `grid`
    points: (N, 2) the samples; labels: (N,) their classes

    Raises ShapeError for other shapes, DataError for no panels.
    """
    expect(bool(panels), DataError, "plot.regions", "at least one panel", "none")
    places, samples, truth = np.asarray(on), np.asarray(points), np.asarray(labels)
    side = round(len(places) ** 0.5)
    expect(places.shape == (side * side, 2), ShapeError, "plot.regions", "on of (side**2, 2)", places.shape)
    expect(samples.shape == (len(truth), 2), ShapeError, "plot.regions", f"points of ({len(truth)}, 2)", samples.shape)
    shares = [np.asarray(probabilities, dtype=np.float32) for probabilities in panels.values()]
    classes = shares[0].shape[-1] if shares[0].ndim == 2 else 0
    for share in shares:
        fits = share.shape == (side * side, classes) and 1 <= classes <= len(COLOURS)
        expected = f"({side * side}, K) probabilities, K from 1 to {len(COLOURS)}"
        expect(fits, ShapeError, "plot.regions", expected, share.shape)
    arrays = {"probabilities": np.stack(shares), "on": places, "points": samples, "labels": truth}
    return FigureData("regions", title, arrays, {"titles": list(panels)})


def draw_regions(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws the regions of `regions_data` with the samples on them, and writes a PNG.

    The colour of a point of the plane is the mean of the classes' colours, weighted by their probabilities; a line
    runs where the most probable class changes.
    """
    titles, on = data.options["titles"], data.array("on", 2)
    samples, truth = data.array("points", 2), data.array("labels", 1)
    side = round(len(on) ** 0.5)
    (left, low), (right, high) = on[0], on[-1]
    area = float(np.clip(DOTS / max(len(samples), 1), 12, 100))
    columns, rows = min(len(titles), ACROSS), -(-len(titles) // ACROSS)
    figure = new_figure(max(5.5, 4.2 * columns), 4.6 * rows)
    figure.suptitle(data.title)
    tiles = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in tiles[len(titles) :]:
        axes.set_axis_off()
    for axes, title, probabilities in zip(tiles, titles, data.array("probabilities", 3), strict=False):
        colours = np.array([_rgb(colour) for colour in COLOURS[: probabilities.shape[1]]])
        mixed = 1 - SHADE * (1 - probabilities.clip(0, 1) @ colours)
        axes.imshow(mixed.clip(0, 1).reshape(side, side, 3), origin="lower", extent=(left, right, low, high))
        best = probabilities.argmax(1).reshape(side, side)
        for k in np.unique(best)[1:]:
            axes.contour(on[:side, 0], on[::side, 1], best >= k, levels=[0.5], colors="white", linewidths=1.2)
        axes.scatter(*samples.T, c=[COLOURS[k] for k in truth], s=area, edgecolors="white", linewidths=0.4, zorder=3)
        axes.set_title(title)
        axes.set_xlabel("x1")
        axes.set_ylabel("x2")
    save(figure, path, data)


def _rgb(colour: str) -> list[float]:
    """Red, green and blue from 0 to 1 of a colour like "#1f6fb4"."""
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def regions(
    path: str | os.PathLike[str],
    panels: Mapping[str, ArrayLike],
    on: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    title: str = "",
) -> None:
    """Draws the regions of classifiers, and writes a PNG; the arguments are those of `regions_data`."""
    draw_regions(regions_data(panels, on, points, labels, title), path)
