"""Arrays as coloured cells: which element is taken, which element meets which, how many of all are of a kind."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import GREY, new_figure, save
from xdl.plot.figure_data import FigureData

COLOURS = (  # of the cells: nothing special; nine that black numbers can be read on; four for what has no numbers
    *("#e3e8ed", "#8ec1e8", "#f6b873", "#98cc8f", "#cba8e0", "#f1a1a0", "#f2de80", "#8fd3cd", "#c8ab93", "#c3d46a"),
    *("#1f6fb4", "#c2272d", "#d9731a", "#3b8f3e"),
)
PALE = 0.45  # of a pale cell's colour
CELL, LETTER, LINE = 0.36, 0.078, 0.2  # inches: a cell, a letter and a line of a panel's title
GAP = 0.5  # inches between two panels, and around the sign between them
WRITTEN = 600  # cells of a panel; beyond these their numbers would be too small to read


class Cells(NamedTuple):
    """A panel.

    values:  (H, W), or (W,) for a row: the numbers in the cells, nan for none
    colours: of the same shape, numbers of `COLOURS`; -1 for no cell at all
    title:   above it; sign: stands at its left, as "+" or "="
    second:  the colours of the lower right halves, where cells have two
    pale:    bool, cells that are only copies of others
    """

    values: ArrayLike
    colours: ArrayLike
    title: str = ""
    sign: str = ""
    second: ArrayLike | None = None
    pale: ArrayLike | None = None


def cells_data(
    rows: Sequence[Sequence[Cells]], title: str, *, legend: Mapping[int, str] | None = None, size: float = CELL
) -> FigureData:
    """The data of rows of panels, each of them cells of one size.

    legend: {number of a colour: what it stands for}; size: inches of a cell

    Raises DataError for no panels and for colours that there are not, ShapeError for shapes that differ.
    """
    operation = "plot.cells"
    expect(bool(rows) and all(rows) and size > 0, DataError, operation, "at least one panel in each row", "none")
    arrays: dict[str, Any] = {}
    panels: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        for panel in row:
            values = np.atleast_2d(np.asarray(panel.values, dtype=np.float64))
            given = {"colours": panel.colours, "second": panel.second, "pale": panel.pale}
            for name, found in given.items():
                cells = np.zeros(values.shape) if found is None else np.atleast_2d(np.asarray(found))
                fits = cells.shape == values.shape and values.ndim == 2 and values.size > 0
                expect(fits, ShapeError, operation, f"{name} of {values.shape}", cells.shape)
                inside = name == "pale" or bool(((cells >= -1) & (cells < len(COLOURS))).all())
                expect(inside, DataError, operation, f"{name} from -1 to {len(COLOURS) - 1}", cells.max())
                if found is not None:
                    arrays[f"{name}{len(panels)}"] = cells.astype(bool if name == "pale" else np.int64)
            arrays[f"values{len(panels)}"] = values
            panels.append({"title": panel.title, "sign": panel.sign, "row": number})
    named = [[int(colour), str(name)] for colour, name in (legend or {}).items()]
    return FigureData("cells", title, arrays, {"panels": panels, "legend": named, "size": size})


def draw_cells(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `cells_data`, and writes a PNG. Its axes count in inches, downwards."""
    panels, size, legend = data.options["panels"], data.options["size"], data.options["legend"]
    shapes = [data.array(f"values{i}", 2).shape for i in range(len(panels))]
    rows: dict[int, list[int]] = {}
    for i, panel in enumerate(panels):
        rows.setdefault(panel["row"], []).append(i)
    widths = [max(size * shape[1], _title_width(panel)) for shape, panel in zip(shapes, panels, strict=True)]
    column = max(map(len, rows.values()))
    across = [max(widths[row[k]] for row in rows.values() if k < len(row)) + GAP for k in range(column)]
    down = [size * max(shapes[i][0] for i in row) + _title_height(panels, row) for row in rows.values()]
    below = 0.32 if legend else 0.0
    figure = new_figure(max(sum(across) + GAP, 5.0), sum(down) + below + 0.75)
    figure.suptitle(data.title)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_aspect("equal")
    top = 0.0
    for row, height in zip(rows.values(), down, strict=True):
        left, room = 0.0, height - _title_height(panels, row)
        for k, i in enumerate(row):
            tall, wide = size * shapes[i][0], size * shapes[i][1]
            corner = left + GAP + (across[k] - GAP - wide) / 2, top + height - room / 2 - tall / 2 - 0.1
            _draw_panel(axes, data, i, corner, size)
            axes.text(left + GAP / 2, corner[1] + tall / 2, panels[i]["sign"], ha="center", va="center", fontsize=15)
            left += across[k]
        top += height
    axes.set_xlim(0, sum(across) + GAP / 2)
    axes.set_ylim(top + below, 0)
    _draw_legend(axes, legend, top, sum(across) + GAP / 2)
    save(figure, path, data)


def cells(
    path: str | os.PathLike[str],
    rows: Sequence[Sequence[Cells]],
    title: str,
    *,
    legend: Mapping[int, str] | None = None,
    size: float = CELL,
) -> None:
    """Draws rows of panels of coloured cells, and writes a PNG; the arguments are those of `cells_data`."""
    draw_cells(cells_data(rows, title, legend=legend, size=size), path)


def _title_width(panel: Mapping[str, Any]) -> float:
    return LETTER * max(map(len, panel["title"].split("\n")))


def _title_height(panels: Sequence[Mapping[str, Any]], row: Sequence[int]) -> float:
    """Inches that the titles of a row take, and the room below it."""
    return LINE * max(panels[i]["title"].count("\n") + 1 if panels[i]["title"] else 0 for i in row) + 0.3


def _draw_panel(axes: Any, data: FigureData, i: int, corner: tuple[float, float], size: float) -> None:
    from matplotlib.collections import PolyCollection

    polygons: Any = PolyCollection
    values, colours = data.array(f"values{i}", 2), data.array(f"colours{i}", 2)
    shape = values.shape
    pale = data.arrays.get(f"pale{i}", np.zeros(shape, bool))
    line = {"edgecolors": "white", "linewidths": 1.0 if size > 0.1 else 0.6}
    at = np.argwhere(colours >= 0)
    x, y = corner[0] + size * at[:, 1], corner[1] + size * at[:, 0]
    squares = np.stack([np.stack([x + a * size, y + b * size], 1) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))], 1)
    faint = pale[at[:, 0], at[:, 1]]
    axes.add_collection(polygons(squares, facecolors=_rgb(colours[at[:, 0], at[:, 1]], faint), **line))
    if f"second{i}" in data.arrays:
        halves = squares[:, 1:]
        other = data.array(f"second{i}", 2)[at[:, 0], at[:, 1]]
        axes.add_collection(polygons(halves, facecolors=_rgb(other, faint), linewidths=0.0))
    if values.size <= WRITTEN:
        for (row, column), left, top in zip(at, x, y, strict=True):
            if not np.isnan(values[row, column]):
                grey = GREY if pale[row, column] else "black"
                place = left + size / 2, top + size / 2
                axes.text(*place, f"{values[row, column]:.3g}", ha="center", va="center", fontsize=8, color=grey)
    middle = corner[0] + size * shape[1] / 2
    axes.text(middle, corner[1] - 0.08, data.options["panels"][i]["title"], ha="center", va="bottom", fontsize=9)


def _rgb(numbers: Any, pale: Any) -> Any:
    """(N, 3) colours, mixed with white where they are pale."""
    table = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in COLOURS])
    return np.where(pale[:, None], 1 - PALE * (1 - table[numbers]), table[numbers])


def _draw_legend(axes: Any, legend: Sequence[Sequence[Any]], top: float, width: float) -> None:
    """Squares with what they stand for, in a line below all panels."""
    needed = sum(0.42 + LETTER * len(name) for _, name in legend)
    left = max(0.1, (width - needed) / 2)
    for colour, name in legend:
        axes.plot([left + 0.08], [top + 0.16], "s", color=COLOURS[colour], markersize=9, clip_on=False)
        axes.text(left + 0.22, top + 0.16, name, va="center", fontsize=9)
        left += 0.42 + LETTER * len(name)
