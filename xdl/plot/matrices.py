"""Small matrices with their numbers in the cells: what a computation does, value by value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import new_figure, save
from xdl.plot.figure_data import FigureData

WRITTEN = 20  # rows or columns up to which the numbers stand in the cells
CELL = 0.42  # inches


def matrices_data(matrices: Mapping[str, ArrayLike], title: str, columns: int = 4, share: bool = False) -> FigureData:
    """The data of matrices side by side, each with its own title.

    matrices: {title: (H, W), or (W,) for a row}; nan leaves an empty cell
    columns:  matrices in a row of the figure
    share:    one scale of colours for all, so that they can be compared

    Raises DataError for no matrices, ShapeError for other shapes.
    """
    expect(len(matrices) > 0 and columns > 0, DataError, "plot.matrices", "at least one matrix and column", "none")
    arrays: dict[str, Any] = {}
    for i, (name, values) in enumerate(matrices.items()):
        cells = np.atleast_2d(np.asarray(values, dtype=np.float64))
        fits = cells.ndim == 2 and cells.size > 0
        expect(fits, ShapeError, "plot.matrices", f"(H, W) or (W,) for {name}", cells.shape)
        arrays[f"cells{i}"] = cells
    titles = [str(name) for name in matrices]
    return FigureData("matrices", title, arrays, {"titles": titles, "columns": columns, "share": share})


def draw_matrices(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `matrices_data`, blue below 0 and red above, each matrix on its own scale or all on one; writes a PNG."""
    titles = data.options["titles"]
    cells = [data.array(f"cells{i}", 2) for i in range(len(titles))]
    expect(all(matrix.size for matrix in cells), ShapeError, "plot.matrices", "matrices with cells", "an empty one")
    across = min(data.options["columns"], len(cells))
    down = ceil(len(cells) / across)
    rows = [cells[i * across : (i + 1) * across] for i in range(down)]
    widths = [max(row[j].shape[1] for row in rows if j < len(row)) + 2 for j in range(across)]
    heights = [max(matrix.shape[0] for matrix in row) + 1.6 for row in rows]
    size = CELL if max(widths) <= WRITTEN else CELL / 2
    figure = new_figure(max(5.0, size * sum(widths)), size * sum(heights) + 0.9)
    figure.suptitle(data.title)
    ratios = {"width_ratios": widths, "height_ratios": heights}
    places = list(figure.subplots(down, across, squeeze=False, gridspec_kw=ratios).flat)
    for axes in places:
        axes.set_axis_off()
    limits = [float(np.nanmax(np.abs(matrix), initial=0.0)) or 1.0 for matrix in cells]
    if data.options.get("share", False):
        limits = [max(limits)] * len(cells)
    for i, (axes, name, matrix) in enumerate(zip(places, titles, cells, strict=False)):
        room = max(matrix.shape[0] for matrix in rows[i // across]), widths[i % across]
        _draw_matrix(axes, matrix, room, limits[i])
        axes.set_title(name, fontsize=9)
    save(figure, path, data)


def _draw_matrix(axes: Any, matrix: Any, room: tuple[int, int], limit: float) -> None:
    """room: rows and columns that the widest and highest of its neighbours need, so that all cells are of one size.

    limit: where colours are at their strongest
    """
    height, width = matrix.shape
    edges = np.arange(width + 1), np.arange(height + 1)
    axes.pcolormesh(
        *edges, matrix, cmap="RdBu_r", vmin=-1.6 * limit, vmax=1.6 * limit, edgecolors="#9aa3ad", linewidth=0.6
    )
    beside, above = (room[1] - width) / 2, 0.1
    axes.set_xlim(-beside, width + beside)
    axes.set_ylim(room[0] + above, -above)
    axes.set_aspect("equal")
    if max(height, width) <= WRITTEN:
        for i, j in np.argwhere(~np.isnan(matrix)):
            axes.text(j + 0.5, i + 0.5, f"{matrix[i, j]:.3g}", ha="center", va="center", fontsize=7)


def matrices(
    path: str | os.PathLike[str],
    matrices: Mapping[str, ArrayLike],
    title: str,
    columns: int = 4,
    share: bool = False,
) -> None:
    """Draws matrices with their numbers, and writes a PNG; the arguments are those of `matrices_data`."""
    draw_matrices(matrices_data(matrices, title, columns, share), path)
