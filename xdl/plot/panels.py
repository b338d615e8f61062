"""Panels of curves: what figures of lines have in common, as data and as drawings.

As data, a curve is {"label": text or None, "x": name, "y": name, ...}, where the names are those of two 1-D arrays of
one length; None keeps it out of the legend, and nan in y leaves a gap. A panel has a title and its curves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xdl.errors import DataError, ShapeError, expect
from xdl.plot.figure import RED
from xdl.plot.figure_data import FigureData

LEGEND = 10  # lines; beyond these a legend hides more than it says
FEW = 12  # points; up to so many are marked on their line
LETTER = 0.03  # of the axis, that a letter of a point's name takes
AXIS = 61  # printer's points of an axis in an inch of its panel
CHARACTER = 6  # printer's points that a character below an axis takes
LOOKS = ("line", "thick", "faint", "dashed", "steps", "dots", "circles", "specks", "diverged")
POINTS = ("dots", "circles", "specks")  # looks without a line


@dataclass(frozen=True, eq=False)
class Line:
    """A curve of a panel.

    xs, ys:    (T,) each; nan in ys leaves a gap
    low, high: (T,) the bounds of a band around it, as the least and the largest value of several seeds; of points
               alone, the ends of a bar through each
    look:      line, thick (and pale, for what others lie on), faint (one of many, not in the legend), dashed, steps
               (each value holds around its x, as a rate does for its epoch), dots and circles (points alone, filled
               or open), specks (small and pale, for clouds), diverged (crosses at the bottom over xs; ys are not looked
               at)
    colour:    the number of its colour; None: the next one of the panel
    """

    xs: ArrayLike
    ys: ArrayLike
    low: ArrayLike | None = None
    high: ArrayLike | None = None
    look: str = "line"
    colour: int | None = None

    @classmethod
    def of_seeds(cls, xs: ArrayLike, values: Sequence[Sequence[float]], look: str = "line") -> Line:
        """The mean and the range of several curves over the same xs: values holds one curve a seed, nan for no value.

        Where one of the curves has no value, neither has the line: the mean of those that are left would flatter.
        """
        together = np.asarray(values, dtype=np.float64)
        return cls(xs, together.mean(0), together.min(0), together.max(0), look)


def add_curve(arrays: dict[str, Any], label: str | None, xs: ArrayLike, ys: ArrayLike, **style: Any) -> dict[str, Any]:
    """Adds the two arrays x0 and y0, or x1 and y1, and so on, and returns the curve that names them."""
    number = sum(name.startswith("y") for name in arrays)
    x, y = f"x{number}", f"y{number}"
    arrays[x], arrays[y] = xs, ys
    return {"label": label, "x": x, "y": y, **style}


def add_line(arrays: dict[str, Any], operation: str, label: str, line: Line) -> dict[str, Any]:
    """Adds a line's arrays, and returns its curve. Raises ShapeError for lengths that differ, DataError for a look."""
    given = {"x": line.xs, "y": line.ys, "low": line.low, "high": line.high}
    there = {name: np.asarray(values) for name, values in given.items() if values is not None}
    shapes = tuple(values.shape for values in there.values())
    same = len(set(shapes)) == 1 and len(shapes[0]) == 1
    expect(same, ShapeError, operation, f"lists of one length for {label!r}", shapes)
    expect(line.look in LOOKS, DataError, operation, f"a look among {', '.join(LOOKS)} for {label!r}", line.look)
    shown = None if line.look == "faint" else label
    curve = add_curve(arrays, shown, there["x"], there["y"], look=line.look, colour=line.colour)
    if (line.low is None) != (line.high is None):
        raise DataError(operation, f"both low and high for {label!r}, or neither", "one of them")
    for side in ("low", "high") if line.low is not None else ():
        curve[side] = f"{side}{curve['y'][1:]}"
        arrays[curve[side]] = there[side]
    return curve


def points(data: FigureData, curve: Mapping[str, Any]) -> tuple[Any, Any, str]:
    """The two arrays of a curve, and the marker of its points where they are few.

    Raises DataError where they are missing or no lists.
    """
    xs, ys = data.array(curve["x"], 1), data.array(curve["y"], 1)
    return xs, ys, "o" if len(ys) <= FEW else ""


def draw_curves_of(axes: Any, data: FigureData, curves: Sequence[Mapping[str, Any]]) -> None:
    """Draws the curves of a panel, each in its look, with its band."""
    following = 0
    for curve in curves:
        xs, ys, marker = points(data, curve)
        look, number = curve.get("look", "line"), curve.get("colour")
        if number is None and look != "diverged":
            number, following = following, following + 1
        colour = f"C{(number or 0) % 10}"
        if "low" in curve:
            bounds = data.array(curve["low"], 1), data.array(curve["high"], 1)
            if look in POINTS:
                axes.vlines(xs, *bounds, color=colour, linewidth=1.5)
            else:
                axes.fill_between(xs, *bounds, color=colour, alpha=0.2, linewidth=0)
        if look == "diverged":
            at_the_bottom = {"transform": axes.get_xaxis_transform(), "clip_on": False, "zorder": 5}
            axes.plot(xs, np.full(len(xs), 0.03), "x", color=RED, markersize=9, label=curve["label"], **at_the_bottom)
        elif look == "specks":
            axes.plot(xs, ys, "o", color=colour, label=curve["label"], markersize=2.6, markeredgewidth=0, alpha=0.45)
        elif look in POINTS:
            face = colour if look == "dots" else "white"
            axes.plot(xs, ys, "o", color=colour, markerfacecolor=face, label=curve["label"], markersize=6, zorder=4)
        else:
            dashes, steps = "--" if look == "dashed" else "-", "steps-mid" if look == "steps" else "default"
            marker = "" if look in ("steps", "faint") else marker
            weights = {"thick": {"linewidth": 5, "alpha": 0.4}, "faint": {"linewidth": 0.7, "alpha": 0.45}}
            weight = weights.get(look, {"linewidth": 1.7})
            how = {"linestyle": dashes, "drawstyle": steps, "marker": marker, "markersize": 4, **weight}
            axes.plot(xs, ys, color=colour, label=curve["label"], **how)


def finish(axes: Any, title: str, x: str) -> None:
    """Title, name of the horizontal axis, and a pale grid in place of half the frame."""
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def name_few(axes: Any, data: FigureData, curves: Sequence[Mapping[str, Any]]) -> None:
    """Lets a logarithmic horizontal axis name the values that are there, where they are few: 1, 4, 16 for 10**0.6.

    Of values that lie too near to each other for two names the first one is named.
    """
    values = np.unique(np.concatenate([data.array(curve["x"], 1) for curve in curves]))
    values = values[values > 0]
    if 1 < len(values) <= FEW:
        letter, named = LETTER * np.log(values[-1] / values[0]), [values[0]]
        for value in values[1:]:
            letters = (len(_name(named[-1])) + len(_name(value))) / 2 + 1
            if np.log(value / named[-1]) >= letters * letter:
                named.append(value)
        axes.set_xticks(named, labels=map(_name, named))
        axes.xaxis.minorticks_off()


def _name(value: float) -> str:
    """A number as an axis names it: with three digits, or all of a whole number."""
    return f"{value:.3g}" if value % 1 else f"{value:g}"


def counts(data: FigureData, curves: Sequence[Mapping[str, Any]]) -> bool:
    """Whether curves lie over whole numbers only, such as epochs, steps and degrees."""
    return all(bool((xs == np.round(xs)).all()) for xs in (data.array(curve["x"], 1) for curve in curves))


def keep_names_apart(axes: Any) -> None:
    """Fewer names along a horizontal axis where they would touch, as 2015.5 or -0.75 in a narrow panel."""
    from matplotlib.ticker import AutoLocator, MaxNLocator

    low, high = axes.get_xlim()
    most = MaxNLocator(nbins=9, steps=[1, 2, 2.5, 5, 10])  # what AutoLocator comes to in a wide panel
    shown = [place for place in most.tick_values(low, high) if low <= place <= high]
    if len(shown) < 2 or not isinstance(axes.xaxis.get_major_locator(), AutoLocator):
        return
    longest = max(map(len, axes.xaxis.get_major_formatter().format_ticks(shown)))
    across = axes.get_subplotspec().get_gridspec().ncols
    width = AXIS * axes.figure.get_figwidth() / across
    if width * (shown[1] - shown[0]) / (high - low) < CHARACTER * (longest + 1):
        axes.locator_params(axis="x", nbins=5)


def count_in_whole_numbers(axes: Any) -> None:
    """Lets the horizontal axis show whole numbers only."""
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
