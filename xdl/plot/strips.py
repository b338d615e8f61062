"""Strips: which pieces of a series are taken, in which batch, and where a state is carried from one to the next."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import GREY, RED, new_figure, save
from xdl.plot.figure_data import FigureData

LONGEST = 60  # values of a series
CELL, ROW = 0.36, 0.42  # inches


class Strip(NamedTuple):
    """The values start, ..., stop - 1 of a series, in a row of a panel.

    colour:  a number from 0 on, as that of the batch; carried: the state comes from the strip before it in its row
    """

    row: int
    start: int
    stop: int
    colour: int
    carried: bool = False


Panels = Mapping[str, tuple[Sequence[str], Sequence[Strip]]]


def strips_data(series: ArrayLike, panels: Panels, title: str) -> FigureData:
    """The data of panels, one below the other, each with rows of strips over the same series.

    series: (N,) numbers that stand in the cells, at most 60
    panels: {title of the panel: (names of its rows, its strips)}

    Raises DataError for no panels or rows, ShapeError for a series or strips that do not fit.
    """
    values = np.asarray(series)
    fits = values.ndim == 1 and 0 < len(values) <= LONGEST
    expect(fits, ShapeError, "plot.strips", f"a series of 1 to {LONGEST} numbers", values.shape)
    there = bool(panels) and all(names for names, _ in panels.values())
    expect(there, DataError, "plot.strips", "at least one panel, with rows", "none")
    table = []
    for number, (rows, strips) in enumerate(panels.values()):
        for strip in strips:
            inside = 0 <= strip.row < len(rows) and 0 <= strip.start < strip.stop <= len(values) and strip.colour >= 0
            expect(inside, ShapeError, "plot.strips", f"strips of {len(rows)} rows and {len(values)} values", strip)
            table.append((number, *map(int, strip)))
    arrays = {"series": values, "strips": np.array(table, np.int64).reshape(-1, 6)}
    drawn = [{"title": str(name), "rows": [str(row) for row in rows]} for name, (rows, _) in panels.items()]
    return FigureData("strips", title, arrays, {"panels": drawn})


def draw_strips(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `strips_data`, and writes a PNG: an arrow where the state is carried, a red bar where it begins anew."""
    panels, series, table = data.options["panels"], data.array("series", 1), data.array("strips", 2)
    rows = [len(panel["rows"]) for panel in panels]
    figure = new_figure(CELL * len(series) + 1.8, ROW * sum(rows) + 0.5 * len(rows) + 0.9)
    figure.suptitle(data.title)
    tiles = figure.subplots(len(panels), 1, squeeze=False, sharex=True, gridspec_kw={"height_ratios": rows})[:, 0]
    for number, (axes, panel) in enumerate(zip(tiles, panels, strict=True)):
        _draw_panel(axes, panel, table[table[:, 0] == number, 1:], series)
    save(figure, path, data)


def _draw_panel(axes: Any, panel: Mapping[str, Any], strips: Any, series: Any) -> None:
    names = panel["rows"]
    for row in range(len(names)):
        _draw_cells(axes, row, range(len(series)), series, "#ececec", GREY)
    for row, start, stop, colour, carried in strips.tolist():
        _draw_cells(axes, row, range(start, stop), series, f"C{colour % 10}", "white")
        if carried:
            arrow = {"arrowstyle": "-|>", "color": "black", "mutation_scale": 13, "linewidth": 1.6}
            axes.annotate("", (start + 0.3, row + 0.08), (start - 0.3, row + 0.08), arrowprops=arrow, zorder=5)
        else:
            axes.plot([start, start], [row + 0.02, row + 0.98], color=RED, linewidth=4, zorder=4)
    axes.set_xlim(-0.1, len(series) + 0.1)
    axes.set_ylim(len(names), 0)
    axes.set_yticks(np.arange(len(names)) + 0.5, names)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(panel["title"], fontsize=10)


def _draw_cells(axes: Any, row: int, cells: range, series: Any, face: str, ink: str) -> None:
    """The values of the cells in a box; a margin above and below parts the rows."""
    axes.barh(row + 0.5, len(cells), left=cells.start, height=0.72, color=face, edgecolor="white", linewidth=1.5)
    for i in cells:
        axes.text(i + 0.5, row + 0.53, f"{series[i]:g}", ha="center", va="center", fontsize=8, color=ink, zorder=3)


def strips(path: str | os.PathLike[str], series: ArrayLike, panels: Panels, title: str) -> None:
    """Draws strips of a series, and writes a PNG; the arguments are those of `strips_data`."""
    draw_strips(strips_data(series, panels, title), path)
