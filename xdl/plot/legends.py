"""Where a legend stands: in a corner of its panel that nothing drawn is near to, or else below the panel.

Matplotlib's own choice takes the best corner even where each of them covers lines. Here the layout is made first, then
each legend is tried in all places of its panel against what is drawn there: lines, bands, bars, dots and numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xdl.plot.letters import take_as_it_is

PLACES = (  # in the order in which free ones are taken
    *("upper right", "upper left", "lower left", "lower right"),
    *("center right", "center left", "upper center", "lower center", "center"),
)
APART = 3.0  # points between a legend and what is drawn
BELOW = 5.0  # points between what names the axis and a legend below it


def place_legends(figure: Any) -> None:
    """Moves the legends of all panels to where they cover nothing.

    A legend without a free place goes below its panel, and the figure grows by it. Legends that were given a place
    outside of their panels stay there.
    """
    inside = [axes for axes in figure.axes if (one := axes.get_legend()) and one.get_bbox_to_anchor() is axes.bbox]
    grown: dict[int, float] = {}  # row of panels -> inches below it
    while inside:
        figure.get_layout_engine().execute(figure)
        crowded = [axes for axes in inside if not _is_placed(axes)]
        if not crowded:
            figure.set_layout_engine("none")  # which would find the same again while the file is written
            return
        for axes in crowded:
            row = axes.get_subplotspec().rowspan.start
            inches = _put_below(figure, axes)
            more = max(0.0, inches - grown.get(row, 0.0))
            grown[row] = grown.get(row, 0.0) + more
            figure.set_figheight(figure.get_figheight() + more)
        inside = [axes for axes in inside if axes not in crowded]


def _is_placed(axes: Any) -> bool:
    """Moves a legend to the first place of its panel that is free; says whether there is one."""
    legend, renderer = axes.get_legend(), axes.figure.canvas.get_renderer()
    for place in PLACES:
        legend.set_loc(place)
        box = legend.get_window_extent(renderer)
        fits = axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1 and axes.bbox.y0 <= box.y0 and box.y1 <= axes.bbox.y1
        if fits and not any(_meet(axes, box, renderer)):
            return True
    return False


def _meet(axes: Any, box: Any, renderer: Any) -> Iterator[bool]:
    """For each thing that is drawn in a panel, whether a box of pixels comes near to it."""
    from matplotlib.collections import PathCollection

    pixels = axes.figure.dpi / 72
    for line in axes.lines:
        thick = max(line.get_linewidth(), line.get_markersize() if line.get_marker() not in ("", "None") else 0.0)
        path = line.get_transform().transform_path(line.get_path())
        near = box.padded((APART + thick / 2) * pixels)
        yield path.intersects_bbox(near, filled=False) or _holds(near, path.vertices)
    near = box.padded(APART * pixels)
    for drawn in axes.collections:
        if isinstance(drawn, PathCollection):  # dots: one path at many places
            yield _holds(near, drawn.get_offset_transform().transform(drawn.get_offsets()))
        else:
            shape = drawn.get_transform()
            filled = len(drawn.get_facecolor()) > 0
            yield any(shape.transform_path(path).intersects_bbox(near, filled) for path in drawn.get_paths())
    for patch in axes.patches:
        yield patch.get_transform().transform_path(patch.get_path()).intersects_bbox(near)
    for text in axes.texts:
        yield near.overlaps(text.get_window_extent(renderer))


def _holds(box: Any, points: Any) -> bool:
    """Whether one of the points (N, 2) lies in a box; those that are nan do not."""
    return bool(((points > box.min) & (points < box.max)).all(1).any())


def _put_below(figure: Any, axes: Any) -> float:
    """Moves a legend below the name of its panel's axis, in as many columns as the panel has room for: its inches."""
    from matplotlib.transforms import ScaledTranslation

    renderer, old = figure.canvas.get_renderer(), axes.get_legend()
    handles, names = axes.get_legend_handles_labels()[0], [text.get_text() for text in old.get_texts()]
    axis = axes.xaxis.get_tightbbox(renderer)
    down = BELOW / 72 + (axes.bbox.y0 - (axis.y0 if axis else axes.bbox.y0)) / figure.dpi
    below = axes.transAxes + ScaledTranslation(0, -down, figure.dpi_scale_trans)
    how = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "bbox_transform": below, "borderaxespad": 0}
    size = old.get_texts()[0].get_fontsize()
    for columns in range(len(names), 0, -1):
        legend = axes.legend(handles, names, ncols=columns, frameon=False, fontsize=size, **how)
        for text in legend.get_texts():
            take_as_it_is(text)
        box = legend.get_window_extent(renderer)
        if box.width <= axes.bbox.width:
            break
    return float(box.height / figure.dpi + BELOW / 72)
