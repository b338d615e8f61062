"""Texts whose tokens are coloured by a number: how surprising a letter was, how much a word moves a verdict."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import GREY, new_figure, save
from xdl.plot.figure_data import FigureData
from xdl.printable import breadth

MOST = 6_000  # tokens in a figure; more take minutes to draw and hours to read
CELL, LINE, FONT = 0.092, 0.205, 8.5  # inches, inches, points: a letter of a monospaced font
BREAK = "↵"

Place = tuple[int, int, int]  # row, first column, width


def coloured_text_data(
    tokens: Sequence[Sequence[str]],
    values: Sequence[ArrayLike],
    title: str,
    *,
    names: Sequence[str] = (),
    value: str = "",
    diverging: bool = False,
    most: float | None = None,
    spaced: bool = False,
    width: int = 100,
) -> FigureData:
    """The data of texts with a background colour behind every token.

    tokens:    a list of tokens for each text; a text may stand for its letters. A line end is shown, and ends the line
    values:    for each text a number a token, (N,); nan leaves a token without colour
    names:     a line above each text, or none at all
    value:     what the numbers are, beside the colour bar
    diverging: blue below 0, red above, symmetric about 0; else white for the least and red for the largest
    most:      where the full colour is reached, so that few large values do not make all others pale
    spaced:    with a blank between tokens, for words
    width:     letters in a line

    Raises DataError for no tokens, for more than MOST, and for an impossible width or `most`; ShapeError for lists
    whose lengths differ.
    """
    operation = "plot.coloured_text"
    texts = [list(text) for text in tokens]
    numbers = [np.asarray(row, dtype=np.float64) for row in values]
    sizes, found = [(len(text),) for text in texts], [row.shape for row in numbers]
    expect(found == sizes, ShapeError, operation, f"values of {sizes}, one a token", found)
    expect(len(names) in (0, len(texts)), ShapeError, operation, f"{len(texts)} names or none", len(names))
    total = sum(map(len, texts))
    expect(0 < total <= MOST, DataError, operation, f"1 to {MOST} tokens", total)
    fits = width >= 2 and (most is None or most > 0)
    expect(fits, DataError, operation, "a width of at least 2 and most above 0", f"{width} and {most}")
    options = {"tokens": texts, "names": list(names), "value": value, "diverging": diverging, "most": most}
    arrays = {"values": np.concatenate(numbers)}
    return FigureData("coloured_text", title, arrays, {**options, "spaced": spaced, "width": width})


def draw_coloured_text(data: FigureData, path: str | os.PathLike[str]) -> None:
    """Draws `coloured_text_data` in a monospaced font, long lines wrapped between tokens, and writes a PNG."""
    values, options = data.array("values", 1), data.options
    texts, names, width = options["tokens"], options["names"], options["width"]
    shown = [[_shown(token, width) for token in text] for text in texts]
    total = sum(map(len, shown))
    expect(0 < total == len(values), ShapeError, "plot.coloured_text", f"{total} values, one a token", values.shape)
    places, headings, rows = _laid_out(texts, shown, bool(names), width, options["spaced"])
    used = max(40, *(x + w for _, x, w in places), len(data.title))

    figure = new_figure(CELL * used + 1.3, max(2.4, LINE * rows + 0.9))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, used)
    axes.set_ylim(rows, 0)
    letters = [letters for text in shown for letters in text]
    bar = _draw_tokens(axes, places, letters, values, options["diverging"], options["most"])
    for row, name in zip(headings, names, strict=False):
        axes.text(0, row + 0.6, name, fontsize=FONT, color=GREY, fontweight="bold", va="center")
    size = {"fraction": 0.04, "pad": 0.01, "shrink": min(1.0, 20 / rows), "anchor": (0.0, 1.0)}
    figure.colorbar(bar, ax=axes, label=options["value"], **size)
    axes.set_title(data.title)
    save(figure, path, data)


def coloured_text(
    path: str | os.PathLike[str],
    tokens: Sequence[Sequence[str]],
    values: Sequence[ArrayLike],
    title: str,
    *,
    names: Sequence[str] = (),
    value: str = "",
    diverging: bool = False,
    most: float | None = None,
    spaced: bool = False,
    width: int = 100,
) -> None:
    """Draws texts with coloured tokens, and writes a PNG; the arguments are those of `coloured_text_data`."""
    how: dict[str, Any] = {"names": names, "value": value, "diverging": diverging, "most": most}
    draw_coloured_text(coloured_text_data(tokens, values, title, **how, spaced=spaced, width=width), path)


def _shown(token: str, width: int) -> str:
    """What stands for a token: its line ends as signs, cut to the width of a line."""
    letters = token.replace("\n", BREAK).replace("\t", " ")
    return letters if breadth(letters) <= width else letters[: width // 2 - 1] + "…"


def _laid_out(
    texts: Sequence[Sequence[str]], shown: Sequence[Sequence[str]], named: bool, width: int, spaced: bool
) -> tuple[list[Place], list[int], int]:
    """The place of every token, the rows of the names, and how many rows there are; half a row between texts."""
    places: list[Place] = []
    headings: list[int] = []
    row = 0
    for text, letters in zip(texts, shown, strict=True):
        headings.append(row)
        row, column = row + named, 0
        for token, sign in zip(text, letters, strict=True):
            cells = max(1, breadth(sign))
            if column + cells > width:
                row, column = row + 1, 0
            places.append((row, column, cells))
            column += cells + spaced
            if token.endswith("\n"):
                row, column = row + 1, 0
        row += 1 + (column > 0)
    return places, headings, row


def _draw_tokens(
    axes: Any, places: Sequence[Place], letters: Sequence[str], values: Any, diverging: bool, most: float | None
) -> Any:
    """Draws the backgrounds and the letters upon them; returns what the colour bar is of."""
    from matplotlib.collections import PolyCollection

    known = values[np.isfinite(values)]
    largest = most or float(np.max(np.abs(known) if diverging else known, initial=0.0)) or 1.0
    least = -largest if diverging else min(0.0, float(np.min(known, initial=0.0)))
    corners = [[(x, y), (x + w, y), (x + w, y + 1), (x, y + 1)] for y, x, w in places]
    cells = PolyCollection(corners, cmap="RdBu_r" if diverging else "Reds", edgecolors="white", linewidths=0.4)
    cells.set_array(np.ma.masked_invalid(values))
    cells.set_clim(least, largest)
    axes.add_collection(cells)
    shades: Any = cells.norm(np.nan_to_num(values, nan=least))
    dark = np.abs(shades - 0.5) > 0.33 if diverging else shades > 0.66
    for (y, x, w), text, value, on_dark in zip(places, letters, values, dark, strict=True):
        if text.strip():
            colour = "white" if on_dark and np.isfinite(value) else "black"
            at = {"ha": "center", "va": "center", "family": "monospace", "fontsize": FONT}
            axes.text(x + w / 2, y + 0.52, text, color=colour, in_layout=False, **at)
    return cells
