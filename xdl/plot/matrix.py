"""Matrices as figures, a number in each cell: the confusion matrix, and heat maps of whatever two things decide."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import ORANGE, RED, new_figure, save
from xdl.plot.figure_data import FigureData, entitled
from xdl.plot.letters import drawable

NUMBERS = 400  # cells; beyond these their numbers would be too small to read


def confusion_data(matrix: ArrayLike, class_names: Sequence[str], title: str = "") -> FigureData:
    """The data of a confusion matrix.

    matrix:      (K, K) counts, matrix[i, j] = examples of class i taken for class j
    class_names: K names, at most 100
    title:       stands before the number of right ones

    Raises ShapeError if sizes differ.
    """
    counts = np.asarray(matrix)
    size = len(class_names)
    expect(0 < size <= 100, ShapeError, "plot.confusion", "1 to 100 class_names", size)
    expect(counts.shape == (size, size), ShapeError, "plot.confusion", f"matrix of ({size}, {size})", counts.shape)
    said = entitled(title, f"{int(counts.trace())} of {int(counts.sum())} right")
    return FigureData("confusion", said, {"matrix": counts}, {"class_names": list(class_names)})


def draw_confusion(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws the counts of `confusion_data` and the recall of each class, and writes a PNG.

    A cell's shade is its share of the row, so that small classes read as well as large ones. Recall of class i
    is matrix[i, i] over its row's sum, and a dash for a class without examples.
    """
    counts, class_names = data.array("matrix", 2), data.options["class_names"]
    size = len(class_names)
    expect(counts.shape == (size, size), ShapeError, "plot.confusion", f"matrix of ({size}, {size})", counts.shape)
    totals = counts.sum(axis=1)
    share = counts / np.maximum(totals, 1)[:, None]

    figure = new_figure(max(4.5, 0.55 * size + 2.2), max(3.8, 0.5 * size + 1.4))
    axes = figure.subplots()
    texts = [[str(int(count)) if count else "" for count in row] for row in counts]
    _cells(axes, share, texts, vmin=0, vmax=1)
    _names(axes, class_names, class_names, "predicted", "true")
    figure.suptitle(data.title)

    recall = axes.secondary_yaxis("right")
    recalls = [f"{share[i, i]:.1%}" if totals[i] else "-" for i in range(size)]
    recall.set_yticks(np.arange(size) + 0.5, recalls)
    recall.set_ylabel("recall")
    recall.tick_params(length=0)
    save(figure, path, data)


def confusion(path: str | os.PathLike[str], matrix: ArrayLike, class_names: Sequence[str], title: str = "") -> None:
    """Draws a confusion matrix, and writes a PNG; the arguments are those of `confusion_data`."""
    draw_confusion(confusion_data(matrix, class_names, title), path)


def heat_data(
    values: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    *,
    y: str = "",
    x: str = "",
    value: str = "",
    log: bool = False,
    framed: ArrayLike | None = None,
    numbers: bool = True,
) -> FigureData:
    """The data of a heat map: what comes of each row with each column, as the loss of a method at a rate.

    values:        (R, C); nan and infinity stand for what has no value, as a training that diverged
    rows, columns: R and C names; y, x: what the rows and the columns are; value: what the numbers are
    log:           shades by the logarithm of the values, which are then above 0
    framed:        (R, C) bool, the cells with a frame, as the best of each row
    numbers:       whether the values stand in the cells

    Raises ShapeError for sizes that differ, DataError for values that have no logarithm.
    """
    cells = np.asarray(values, dtype=np.float64)
    size = len(rows), len(columns)
    expect(cells.size > 0 and cells.shape == size, ShapeError, "plot.heat", f"values of {size}", cells.shape)
    fits = not log or bool((cells[np.isfinite(cells)] > 0).all())
    expect(fits, DataError, "plot.heat", "values above 0 for logarithmic shades", cells.min())
    frames = np.zeros(size, bool) if framed is None else np.asarray(framed, bool)
    expect(frames.shape == size, ShapeError, "plot.heat", f"framed of {size}", frames.shape)
    options = {"rows": list(rows), "columns": list(columns), "y": y, "x": x, "value": value, "log": log}
    options["numbers"] = numbers
    return FigureData("heat", title, {"values": cells, "framed": frames}, options)


def draw_heat(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `heat_data`, the numbers with three digits where they are at most 400, and writes a PNG.

    A red cross marks a cell without a value. Names with letters that no font of this machine has become numbers.
    """
    values, framed, options = data.array("values", 2), data.array("framed", 2), data.options
    rows, columns = options["rows"], options["columns"]
    size = len(rows), len(columns)
    expect(values.shape == size, ShapeError, "plot.heat", f"values of {size}", values.shape)
    there = np.isfinite(values)
    known = values[there] if there.any() else np.ones(1)
    shown = there & (values.size <= NUMBERS and options.get("numbers", True))
    texts = [[f"{value:.3g}" if shown[i, j] else "" for j, value in enumerate(row)] for i, row in enumerate(values)]

    longest = max(map(len, rows))
    figure = new_figure(max(4.5, 0.62 * size[1] + 0.1 * longest + 2.2), max(2.6, 0.42 * size[0] + 1.6))
    axes = figure.subplots()
    axes.set_facecolor("#f4f4f4")
    shades = np.where(there, values, np.nan)
    mesh = _cells(axes, shades, texts, norm="log" if options["log"] else "linear", vmin=known.min(), vmax=known.max())
    _names(axes, rows, columns, options["x"], options["y"])
    i, j = np.nonzero(~there)
    axes.plot(j + 0.5, i + 0.5, "x", color=RED, markersize=8)
    for i, j in np.argwhere(framed):
        axes.plot(
            j + np.array((0, 1, 1, 0, 0)), i + np.array((0, 0, 1, 1, 0)), color=ORANGE, linewidth=2.2, clip_on=False
        )
    figure.colorbar(mesh, ax=axes, label=options["value"])
    figure.suptitle(data.title)
    save(figure, path, data)


def heat(
    path: str | os.PathLike[str],
    values: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    *,
    y: str = "",
    x: str = "",
    value: str = "",
    log: bool = False,
    framed: ArrayLike | None = None,
    numbers: bool = True,
) -> None:
    """Draws a heat map, and writes a PNG; the arguments are those of `heat_data`."""
    draw_heat(
        heat_data(values, rows, columns, title, y=y, x=x, value=value, log=log, framed=framed, numbers=numbers), path
    )


def _cells(axes: Any, shades: np.ndarray, texts: Sequence[Sequence[str]], **scale: Any) -> Any:
    """Draws the cells (R, C) from the top down, each with its text in black or, on a dark cell, white."""
    mesh = axes.pcolormesh(shades, cmap="Blues", edgecolors="#e4e8ee", linewidth=0.6, **scale)
    axes.invert_yaxis()
    dark = np.ma.filled(mesh.norm(shades) > 0.5, False)
    for (i, j), is_dark in np.ndenumerate(dark):
        if texts[i][j]:
            colour = "white" if is_dark else "black"
            axes.text(j + 0.5, i + 0.5, texts[i][j], ha="center", va="center", color=colour)
    return mesh


def _names(axes: Any, rows: Sequence[str], columns: Sequence[str], x: str, y: str) -> None:
    rows, columns = drawable(rows), drawable(columns)
    turned = 45 if max(map(len, columns)) > 3 else 0
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=turned)
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.tick_params(length=0)
