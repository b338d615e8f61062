"""Panels of curves: what figures of lines have in common, as data and as drawings.

As data, a curve is {"label": text or None, "x": name, "y": name, ...}, where the names are those of two 1-D arrays of
one length; None keeps it out of the legend, and nan in y leaves a gap. A panel has a title and its curves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

from xdl.plot.figure_data import FigureData

LEGEND = 10  # lines; beyond these a legend hides more than it says


def add_curve(arrays: dict[str, Any], label: str | None, xs: ArrayLike, ys: ArrayLike, **style: Any) -> dict[str, Any]:
    """Adds the two arrays x0 and y0, or x1 and y1, and so on, and returns the curve that names them."""
    number = sum(name.startswith("y") for name in arrays)
    x, y = f"x{number}", f"y{number}"
    arrays[x], arrays[y] = xs, ys
    return {"label": label, "x": x, "y": y, **style}


def points(data: FigureData, curve: Mapping[str, Any]) -> tuple[Any, Any, str]:
    """The two arrays of a curve, and the marker that shows it where it has too few points for a line.

    Raises DataError where they are missing or no lists.
    """
    xs, ys = data.array(curve["x"], 1), data.array(curve["y"], 1)
    return xs, ys, "o" if len(ys) < 3 else ""


def finish(axes: Any, title: str, x: str) -> None:
    """Title, name of the horizontal axis, and a pale grid in place of half the frame."""
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def count_in_whole_numbers(axes: Any) -> None:
    """Lets the horizontal axis show epochs: whole numbers only."""
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
