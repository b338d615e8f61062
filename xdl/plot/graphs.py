"""Graphs: boxes with arrows between them, laid out from left to right."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from xdl.errors import ShapeError, expect
from xdl.plot.figure import BLUE, GREY, new_figure, save
from xdl.plot.figure_data import FigureData


def graph_data(labels: Sequence[str], edges: Sequence[tuple[int, int]]) -> FigureData:
    """The data of a graph without cycles, with a place for each box to the right of all that lead to it.

    labels: one a box; edges: (from, to) as numbers of boxes, where every edge leads to a later box

    Raises ShapeError for no boxes, or an edge that does not lead from a box to a later one.
    """
    expect(bool(labels), ShapeError, "plot.graph", "at least one box", "none")
    for start, end in edges:
        expect(0 <= start < end < len(labels), ShapeError, "plot.graph", "edges to a later box", (start, end))
    column = [0] * len(labels)
    for start, end in sorted(edges, key=lambda edge: edge[1]):
        column[end] = max(column[end], column[start] + 1)
    rows = [column[:i].count(column[i]) for i in range(len(labels))]
    height = max(rows) + 1
    places = [(c, -(r + (height - column.count(c)) / 2)) for c, r in zip(column, rows, strict=True)]
    arrays = {"places": np.array(places, np.float64), "edges": np.array(edges, np.int64).reshape(-1, 2)}
    return FigureData("graph", "", arrays, {"labels": list(labels), "columns": max(column) + 1, "rows": height})


def draw_graph(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `graph_data`, and writes a PNG."""
    columns, rows = data.options["columns"], data.options["rows"]
    places = data.array("places", 2)
    figure = new_figure(1.9 * columns, 1.2 * rows + 0.4)
    axes = figure.subplots()
    axes.set_axis_off()
    for start, end in data.array("edges", 2):
        arrow = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 32, "shrinkB": 36}
        axes.annotate("", xy=places[end], xytext=places[start], arrowprops=arrow)
    box = {"boxstyle": "round,pad=0.35", "facecolor": "#eaf1f8", "edgecolor": BLUE}
    for label, (x, y) in zip(data.options["labels"], places, strict=True):
        axes.text(x, y, label, ha="center", va="center", fontsize=8, bbox=box)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(-rows + 0.5, 0.5)
    save(figure, path, data)


def graph(path: str | os.PathLike[str], labels: Sequence[str], edges: Sequence[tuple[int, int]]) -> None:
    """Draws a graph without cycles, and writes a PNG; the arguments are those of `graph_data`."""
    draw_graph(graph_data(labels, edges), path)
