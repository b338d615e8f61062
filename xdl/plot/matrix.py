"""The confusion matrix as a figure."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import ShapeError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData, entitled


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
    axes.pcolormesh(share, cmap="Blues", vmin=0, vmax=1, edgecolors="#e4e8ee", linewidth=0.6)
    axes.invert_yaxis()
    for i, j in np.argwhere(counts):
        colour = "white" if share[i, j] > 0.5 else "black"
        axes.text(j + 0.5, i + 0.5, int(counts[i, j]), ha="center", va="center", color=colour)
    middles = np.arange(size) + 0.5
    axes.set_xticks(middles, class_names, rotation=45 if max(map(len, class_names)) > 3 else 0)
    axes.set_yticks(middles, class_names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.tick_params(length=0)
    axes.set_title(data.title)

    recall = axes.secondary_yaxis("right")
    texts = [f"{share[i, i]:.1%}" if totals[i] else "-" for i in range(size)]
    recall.set_yticks(middles, texts)
    recall.set_ylabel("recall")
    recall.tick_params(length=0)
    save(figure, path, data)


def confusion(path: str | os.PathLike[str], matrix: ArrayLike, class_names: Sequence[str], title: str = "") -> None:
    """Draws a confusion matrix, and writes a PNG; the arguments are those of `confusion_data`."""
    draw_confusion(confusion_data(matrix, class_names, title), path)
