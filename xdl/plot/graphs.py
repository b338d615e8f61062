"""Graphs: boxes with arrows between them, laid out from left to right."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from xdl.errors import ShapeError, expect
from xdl.plot.figure import BLUE, CAPTION_LETTER, GREY, ORANGE, new_figure, save, wrapped
from xdl.plot.figure_data import FigureData
from xdl.plot.layers import arrange

LETTER, LINE = 0.068, 0.16  # inches that a letter and a line of a label take
CHANNEL, GAP = 1.0, 0.3  # inches between two columns, and between two boxes of a column
AT = 0.74  # where an edge's label stands on its last curve: near the end, where edges to one box lie apart
TITLE = 0.75  # of the letters of a caption stand in a line of the title
FACES = {"first": "#fbf3e2", "middle": "#eaf1f8", "last": "#e3f2e1"}  # boxes that nothing leads to, and the result


def graph_data(
    labels: Sequence[str],
    edges: Sequence[tuple[int, int]],
    title: str = "",
    edge_labels: Sequence[str] = (),
    marked: Sequence[int] = (),
) -> FigureData:
    """The data of a graph without cycles, with places that no arrow runs behind.

    labels:      one a box, of one or several lines
    edges:       (from, to) as numbers of boxes, where every edge leads to a later box; equal edges are drawn apart
    edge_labels: one an edge, or none
    marked:      the numbers of the edges that are drawn in another colour

    Raises ShapeError for no boxes, an edge that does not lead from a box to a later one, or labels that do not fit.
    """
    expect(bool(labels), ShapeError, "plot.graph", "at least one box", "none")
    for start, end in edges:
        expect(0 <= start < end < len(labels), ShapeError, "plot.graph", "edges to a later box", (start, end))
    fits = len(edge_labels) in (0, len(edges))
    expect(fits, ShapeError, "plot.graph", f"{len(edges)} labels of edges, or none", len(edge_labels))
    there = all(0 <= number < len(edges) for number in marked)
    expect(there, ShapeError, "plot.graph", f"marked edges below {len(edges)}", list(marked))
    places, bends = arrange(len(labels), edges)
    heights = [y for _, y in places] + [y for _, _, y in bends]
    arrays = {
        "places": np.array(places, np.float64),
        "edges": np.array(edges, np.int64).reshape(-1, 2),
        "bends": np.array(bends, np.float64).reshape(-1, 3),
        "marked": np.array(sorted(set(marked)), np.int64),
    }
    options = {
        "labels": list(labels),
        "edge_labels": list(edge_labels) or [""] * len(edges),
        "columns": int(max(x for x, _ in places)) + 1,
        "rows": max(heights) - min(heights) + 1,
    }
    return FigureData("graph", title, arrays, options)


def draw_graph(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `graph_data`, and writes a PNG. Its axes count in inches."""
    labels, columns, rows = data.options["labels"], data.options["columns"], data.options["rows"]
    lines = [line for label in labels for line in label.split("\n")]
    size = np.array([LETTER * max(map(len, lines)) + 0.2, LINE * max(label.count("\n") + 1 for label in labels) + 0.14])
    pitch = size + np.array([CHANNEL, GAP])
    width = max(5.0, pitch[0] * columns)
    title = wrapped(data.title, width, CAPTION_LETTER / TITLE) if data.title else []
    figure = new_figure(width, pitch[1] * rows + 0.25 * len(title) + 0.5)
    figure.suptitle("\n".join(title), fontsize=10)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_aspect("equal")
    places, edges, marked = data.array("places", 2) * pitch, data.array("edges", 2), data.array("marked", 1)
    bends = data.array("bends", 2) * [1, *pitch]
    routes = _routes(places, edges, bends, size)
    for number, (route, label) in enumerate(zip(routes, data.options["edge_labels"], strict=True)):
        _draw_edge(axes, route, label, ORANGE if number in marked else GREY)
    outgoing, incoming = set(edges[:, 0].tolist()), set(edges[:, 1].tolist())
    for i, (label, place) in enumerate(zip(labels, places, strict=True)):
        kind = "first" if i not in incoming else "middle" if i in outgoing else "last"
        _draw_box(axes, label, place, size, FACES[kind])
    lowest = min([*places[:, 1], *bends[:, 2]])
    axes.set_xlim(-pitch[0] / 2, pitch[0] * (columns - 0.5))
    axes.set_ylim(lowest - pitch[1] / 2, lowest + pitch[1] * (rows - 0.5))
    save(figure, path, data)


def graph(
    path: str | os.PathLike[str],
    labels: Sequence[str],
    edges: Sequence[tuple[int, int]],
    title: str = "",
    edge_labels: Sequence[str] = (),
    marked: Sequence[int] = (),
) -> None:
    """Draws a graph without cycles, and writes a PNG; the arguments are those of `graph_data`."""
    draw_graph(graph_data(labels, edges, title, edge_labels, marked), path)


def _routes(places: Any, edges: Any, bends: Any, size: Any) -> list[Any]:
    """The points (P, 2) that each edge goes through: from a box's right side over its bends to a box's left side.

    A bend is two points, as far apart as a box is wide, so that an arrow crosses a column straight. Several edges of a
    box have each an own height, in the order of the places that they come from and lead to.
    """
    half = size[0] / 2
    routes = []
    for number, (start, end) in enumerate(edges):
        between = [np.array([[x - half, y], [x + half, y]]) for edge, x, y in bends if edge == number]
        routes.append(np.concatenate([[places[start] + [half, 0]], *between, [places[end] - [half, 0]]]))
    for box in range(len(places)):
        for column, at, towards in ((0, 0, 1), (1, -1, -2)):
            here = sorted(np.flatnonzero(edges[:, column] == box), key=lambda e: (routes[e][towards][1], -e))
            step = min(0.22, size[1] / (len(here) + 1))
            for position, edge in enumerate(here):
                routes[edge][at][1] += step * (position - (len(here) - 1) / 2)
    return routes


def _draw_edge(axes: Any, route: Any, label: str, colour: str) -> None:
    """An arrow through the points of a route, level at each, with its label in the last gap between two columns."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    points, codes = [route[0]], [Path.MOVETO]
    for one, other in pairwise(route):
        middle = (one[0] + other[0]) / 2
        points += [[middle, one[1]], [middle, other[1]], other]
        codes += [Path.CURVE4] * 3
    how: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 10, "linewidth": 1.2, "zorder": 1}
    axes.add_patch(FancyArrowPatch(path=Path(points, codes), color=colour, fill=False, **how))
    weights = np.array([(1 - AT) ** 3, 3 * AT * (1 - AT) ** 2, 3 * AT**2 * (1 - AT), AT**3])
    box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
    if label:
        place = weights @ np.array(points[-4:])
        axes.text(*place, label, ha="center", va="center", fontsize=7.5, color=colour, bbox=box, zorder=3)


def _draw_box(axes: Any, label: str, place: Any, size: Any, face: str) -> None:
    """A box with its label around a place."""
    from matplotlib.patches import FancyBboxPatch

    width, height = size
    how: dict[str, Any] = {"boxstyle": "round,pad=0,rounding_size=0.07", "facecolor": face, "edgecolor": BLUE}
    axes.add_patch(FancyBboxPatch(place - size / 2, width, height, zorder=2, **how))
    axes.text(*place, label, ha="center", va="center", fontsize=8, zorder=4)
